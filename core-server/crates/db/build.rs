//! New migration files must trigger a rebuild of the crate that embeds them.

fn main() {
    println!("cargo:rerun-if-changed=migrations");
}
