//! The pages before anybody is signed in.

mod frame;
mod login;
mod password;
mod setup;
mod waiting;

pub(crate) use login::LoginPage;
pub(crate) use setup::SetupPage;
pub(crate) use waiting::WaitingPage;
