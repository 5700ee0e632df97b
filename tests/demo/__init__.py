"""The November story: a month of business played through the public HTTP API, then checked to the cent."""
