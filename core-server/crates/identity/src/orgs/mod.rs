//! Organisations and their people. Tables owned: `organisations`, `users`.

mod service;
mod store;

pub use service::{
    NewOrganisation, NewUser, add_user, check_email, check_name, create, create_with_admin, normal_email,
};
pub use store::{Person, person, set_tier, update_person};
