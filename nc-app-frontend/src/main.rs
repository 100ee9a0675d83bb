//! Starts the front end.

fn main() {
    nc_app_frontend::run();
}
