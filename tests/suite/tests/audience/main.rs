//! Contacts: quote, hold, fetch, settle, through the real handlers, with the Data Axle sandbox over HTTP,
//! DynamoDB and S3 in the test's own process.

mod attack;
mod audit;
mod buying;
mod ends;
mod fetching;
mod floods;
mod input;
mod keys;
mod lessons;
mod stage;
mod trouble;
