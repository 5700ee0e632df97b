//! One movement: read, decide, write. A replay is found before a refusal, and each attempt reads again.

use super::{
    Companions, Ledger, items, keys,
    write::{Role, receipt},
};
use crate::{
    Account, Cause, Context, Failure, Hold, Movement, PostResult, Posted, Recorded, Refusal, decide,
};
use aws_sdk_dynamodb::types::KeysAndAttributes;
use std::collections::HashMap;
use tables::{Backoff, Item, Key, RefusedAt, TableFailure, TransactFailure, transact};
use terms::{Fingerprint, HoldId, OrganizationId};

enum PostAttempt {
    Answer(Result<Posted, Refusal>),
    /// Another writer came first, or the table was busy: nothing was written.
    Again,
    /// Sent, but no response: the cause shows whether it was written.
    Unsure(String),
}

impl Ledger {
    /// Carries out a movement, once for its cause.
    ///
    /// Reads the account (and the hold that the command names), decides, and writes everything in one conditional
    /// transaction. A cause that is on the books already is a replay, or, with another fingerprint,
    /// [`Refusal::CauseReused`]; a refusal is returned only after the cause was read. Fails after at most 20 attempts
    /// or 5 s of waiting, or when a ledger item is damaged: the same movement may be posted again, its cause guards
    /// it.
    pub async fn post(&self, movement: &Movement, with: &Companions) -> PostResult {
        let mut backoff = Backoff::new();
        let mut unsure: Option<String> = None;
        loop {
            if unsure.is_some()
                && let Some(recorded) = self.find(&movement.cause).await?
            {
                return Ok(replay(recorded, &movement.fingerprint));
            }
            match self.attempt(movement, with).await? {
                PostAttempt::Answer(answer) => return Ok(answer),
                PostAttempt::Again => {}
                PostAttempt::Unsure(code) => unsure = Some(code),
            }
            if !backoff.again().await {
                const OPERATION: &str = "movement";
                return Err(Failure::Table(match unsure {
                    Some(code) => TableFailure::Unknown { operation: OPERATION, code },
                    None => TableFailure::Contended { operation: OPERATION },
                }));
            }
        }
    }

    async fn attempt(&self, movement: &Movement, with: &Companions) -> Result<PostAttempt, Failure> {
        let (account, hold) = self.read_books(&movement.organization, named_hold(movement)).await?;
        let context = Context { now: self.clock.now() };
        let accepted = match decide(&account, hold.as_ref(), movement, context) {
            Ok(accepted) => accepted,
            Err(refusal) => return self.replay_or(&movement.cause, &movement.fingerprint, refusal).await,
        };
        let actions = self.actions(&account, movement, &accepted, with)?;
        match transact(&self.client, actions.items).await {
            Ok(()) => Ok(PostAttempt::Answer(Ok(Posted::Receipt(receipt(&accepted, with)?)))),
            Err(TransactFailure::Refused(refused)) => {
                self.read_refusal(movement, &actions.roles, refused).await
            }
            Err(TransactFailure::Contended) => Ok(PostAttempt::Again),
            Err(TransactFailure::Unknown(code)) => Ok(PostAttempt::Unsure(code)),
            Err(TransactFailure::Failed(code)) => {
                Err(Failure::Table(TableFailure::Unavailable { operation: "movement", code }))
            }
        }
    }

    /// What a refused transaction means. The cause's guard comes first, and the items in the refusal are good for a
    /// response. A changed account is only a reason to read again, never a basis for a decision.
    async fn read_refusal(
        &self,
        movement: &Movement,
        roles: &[Role],
        refused: Vec<RefusedAt>,
    ) -> Result<PostAttempt, Failure> {
        let mut books_changed = false;
        let mut answer = None;
        for at in refused {
            match roles.get(at.index) {
                Some(Role::Cause) => {
                    let recorded = match at.found {
                        Some(item) => Some(items::recorded_of(item)?),
                        None => self.find(&movement.cause).await?,
                    };
                    if let Some(recorded) = recorded {
                        return Ok(PostAttempt::Answer(replay(recorded, &movement.fingerprint)));
                    }
                    books_changed = true;
                }
                Some(Role::Record(index)) => answer = Some(Refusal::RecordChanged { index: *index }),
                Some(Role::NewHold) => answer = Some(Refusal::HoldExists),
                Some(Role::Reference(object)) => {
                    answer = Some(Refusal::ReferenceTaken { object: object.clone() });
                }
                Some(Role::Books | Role::Month) | None => books_changed = true,
            }
        }
        match answer {
            // The record may have changed because this very cause was carried out a moment ago.
            Some(refusal) if !books_changed => {
                self.replay_or(&movement.cause, &movement.fingerprint, refusal).await
            }
            Some(_) | None => Ok(PostAttempt::Again),
        }
    }

    async fn replay_or(
        &self,
        cause: &Cause,
        fingerprint: &Fingerprint,
        refusal: Refusal,
    ) -> Result<PostAttempt, Failure> {
        Ok(PostAttempt::Answer(match self.find(cause).await? {
            Some(recorded) => replay(recorded, fingerprint),
            None => Err(refusal),
        }))
    }

    /// The account and a hold, read consistently in one request.
    async fn read_books(
        &self,
        organization: &OrganizationId,
        hold: Option<&HoldId>,
    ) -> Result<(Account, Option<Hold>), Failure> {
        let account_key = keys::account(organization);
        let Some(hold) = hold else {
            let found = self.read_item(&account_key).await?;
            return Ok((account_or_empty(found, organization)?, None));
        };
        let hold_key = keys::hold(organization, hold);
        let mut found = self.read_both(&account_key, &hold_key).await?;
        let account = account_or_empty(found.remove(&account_key.sk), organization)?;
        let hold = found.remove(&hold_key.sk).map(items::hold_of).transpose()?;
        Ok((account, hold))
    }

    async fn read_both(&self, left: &Key, right: &Key) -> Result<HashMap<String, Item>, Failure> {
        let keys = KeysAndAttributes::builder()
            .keys(left.to_item())
            .keys(right.to_item())
            .consistent_read(true)
            .build()
            .map_err(|why| Failure::Damaged(why.to_string()))?;
        let mut backoff = Backoff::new();
        let mut wanted = HashMap::from([(self.ledger_table.clone(), keys)]);
        let mut found = HashMap::new();
        loop {
            let request = self.client.batch_get_item().set_request_items(Some(wanted));
            let answer =
                request.send().await.map_err(|error| super::read::unavailable("BatchGetItem", &error))?;
            for item in answer.responses.unwrap_or_default().into_values().flatten() {
                if let Some(key) = tables::key_of(&item) {
                    found.insert(key.sk, item);
                }
            }
            wanted = answer.unprocessed_keys.unwrap_or_default();
            if wanted.is_empty() {
                return Ok(found);
            }
            if !backoff.again().await {
                return Err(TableFailure::Contended { operation: "BatchGetItem" }.into());
            }
        }
    }
}

/// The hold that a command opens need not be read: the write tests that its key is free.
fn named_hold(movement: &Movement) -> Option<&HoldId> {
    movement.command.ends_hold()
}

fn account_or_empty(found: Option<Item>, organization: &OrganizationId) -> Result<Account, Failure> {
    found.map_or_else(|| Ok(Account::empty(organization.clone())), items::account_of)
}

fn replay(recorded: Recorded, fingerprint: &Fingerprint) -> Result<Posted, Refusal> {
    if recorded.fingerprint == *fingerprint {
        Ok(Posted::Replay(recorded.receipt))
    } else {
        Err(Refusal::CauseReused)
    }
}
