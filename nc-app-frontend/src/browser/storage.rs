//! The browser's stores. They may be blocked or full; nothing depends on them.

use gloo_utils::window;
use web_sys::Storage;

/// One of the two stores.
pub(crate) struct Store {
    open: fn() -> Option<Storage>,
}

/// Kept until the person clears it.
pub(crate) const LOCAL: Store = Store { open: || window().local_storage().ok().flatten() };
/// Kept until the tab is closed.
pub(crate) const SESSION: Store = Store { open: || window().session_storage().ok().flatten() };

impl Store {
    /// What was kept.
    pub(crate) fn read(&self, key: &str) -> Option<String> {
        (self.open)()?.get_item(key).ok().flatten()
    }

    /// Keeps a text, if the browser lets us.
    pub(crate) fn write(&self, key: &str, value: &str) {
        if let Some(store) = (self.open)() {
            // A full or blocked store only means that nothing is remembered.
            let _ = store.set_item(key, value);
        }
    }

    /// Forgets a text.
    pub(crate) fn remove(&self, key: &str) {
        if let Some(store) = (self.open)() {
            let _ = store.remove_item(key);
        }
    }

    /// Forgets everything whose key begins so.
    pub(crate) fn remove_all(&self, prefix: &str) {
        let Some(store) = (self.open)() else { return };
        let keys = (0..store.length().unwrap_or(0)).filter_map(|at| store.key(at).ok().flatten());
        let ours: Vec<String> = keys.filter(|key| key.starts_with(prefix)).collect();
        for key in ours {
            self.remove(&key);
        }
    }
}
