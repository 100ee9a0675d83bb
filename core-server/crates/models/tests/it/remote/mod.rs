//! Each wire format against a server that answers with scripted bytes.

mod answers;
mod broken;
mod requests;
mod retries;
mod samples;
mod server;
