//! Secrets at rest: XChaCha20-Poly1305 with the place of the secret as associated data, so that a
//! sealed text copied to another row or column does not open.

use std::{fs, io::Write as _, os::unix::fs::OpenOptionsExt as _, path::Path, sync::Arc};

use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use chacha20poly1305::{
    KeyInit as _, XChaCha20Poly1305, XNonce,
    aead::{Aead as _, Payload},
};
use secrecy::{ExposeSecret as _, SecretString};
use serde::{Deserialize, Serialize};
use sha2::{Digest as _, Sha256};

use crate::Ids;

const VERSION: &str = "v1";
const NONCE_BYTES: usize = 24;

/// A sealed text cannot be opened.
#[derive(Debug, thiserror::Error)]
pub enum SecretError {
    /// The key is not 32 bytes in hexadecimal or base64.
    #[error("an encryption key must be 32 bytes, written as 64 hexadecimal digits or as base64")]
    BadKey,
    /// The text is damaged, belongs elsewhere or was sealed with a key that is not here.
    #[error("a stored secret cannot be opened with the present keys")]
    CannotOpen,
    /// Sealing failed.
    #[error("a secret cannot be sealed")]
    CannotSeal,
    /// The file of generated secrets cannot be read or written.
    #[error("cannot read or write the file of generated secrets")]
    File(#[from] std::io::Error),
    /// The file of generated secrets is damaged.
    #[error("the file of generated secrets is damaged")]
    Damaged(#[from] serde_json::Error),
}

/// Seals and opens; clones share the keys.
#[derive(Clone)]
pub struct Secrets {
    keys: Arc<[(String, XChaCha20Poly1305)]>,
    ids: Ids,
}

impl Secrets {
    /// Keys for sealing (the first) and opening (all): a new key is put in front of the old ones.
    ///
    /// # Errors
    /// Fails when a key is malformed or none is given.
    pub fn new(keys: &[SecretString], ids: Ids) -> Result<Self, SecretError> {
        let keys: Vec<_> = keys.iter().map(|text| key(text.expose_secret())).collect::<Result<_, _>>()?;
        if keys.is_empty() {
            return Err(SecretError::BadKey);
        }
        Ok(Self { keys: keys.into(), ids })
    }

    /// Seals `plain` for the place that `context` names, for example `model_settings:<org>:api_key`.
    ///
    /// # Errors
    /// Fails only on input beyond the cipher's 256 GB.
    pub fn seal(&self, context: &str, plain: &[u8]) -> Result<String, SecretError> {
        let (id, cipher) = self.keys.first().ok_or(SecretError::BadKey)?;
        let nonce: [u8; NONCE_BYTES] = self.ids.bytes();
        let sealed = cipher
            .encrypt(&XNonce::from(nonce), Payload { msg: plain, aad: context.as_bytes() })
            .map_err(|_| SecretError::CannotSeal)?;
        Ok(format!("{VERSION}.{id}.{}", URL_SAFE_NO_PAD.encode([&nonce[..], &sealed].concat())))
    }

    /// Opens what was sealed for that place.
    ///
    /// # Errors
    /// Fails when the text is damaged, was sealed for another place or with an unknown key.
    pub fn open(&self, context: &str, sealed: &str) -> Result<Vec<u8>, SecretError> {
        let mut parts = sealed.splitn(3, '.');
        let (Some(VERSION), Some(id), Some(text)) = (parts.next(), parts.next(), parts.next()) else {
            return Err(SecretError::CannotOpen);
        };
        let bytes = URL_SAFE_NO_PAD.decode(text).map_err(|_| SecretError::CannotOpen)?;
        let (nonce, body) = bytes.split_at_checked(NONCE_BYTES).ok_or(SecretError::CannotOpen)?;
        let nonce: [u8; NONCE_BYTES] = nonce.try_into().map_err(|_| SecretError::CannotOpen)?;
        let (_, cipher) = self.keys.iter().find(|(known, _)| known == id).ok_or(SecretError::CannotOpen)?;
        cipher
            .decrypt(&XNonce::from(nonce), Payload { msg: body, aad: context.as_bytes() })
            .map_err(|_| SecretError::CannotOpen)
    }
}

/// Whether a text is a key that [`Secrets::new`] takes.
pub fn is_key(text: &str) -> bool {
    key(text).is_ok()
}

/// A key and its name: the first bytes of its hash, which tell keys apart and give nothing away.
fn key(text: &str) -> Result<(String, XChaCha20Poly1305), SecretError> {
    let bytes = hex::decode(text)
        .ok()
        .filter(|bytes| bytes.len() == 32)
        .or_else(|| base64::engine::general_purpose::STANDARD.decode(text).ok())
        .or_else(|| URL_SAFE_NO_PAD.decode(text).ok())
        .filter(|bytes| bytes.len() == 32)
        .ok_or(SecretError::BadKey)?;
    let cipher = XChaCha20Poly1305::new_from_slice(&bytes).map_err(|_| SecretError::BadKey)?;
    Ok((hex::encode(&Sha256::digest(&bytes)[..4]), cipher))
}

/// Secrets that an installation without configuration makes for itself.
#[derive(Serialize, Deserialize)]
struct Generated {
    jwt_secret: String,
    encryption_key: String,
}

/// Reads the installation's own secrets (JWT secret, encryption key), or makes them at the first start.
///
/// The file is readable by its owner alone and is in place whole or not at all.
///
/// # Errors
/// Fails when the file cannot be read, written or understood.
pub fn read_or_make(folder: &Path, ids: &Ids) -> Result<(SecretString, SecretString), SecretError> {
    let path = folder.join("secrets.json");
    let generated: Generated = match fs::read(&path) {
        Ok(bytes) => serde_json::from_slice(&bytes)?,
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => {
            let made = Generated {
                jwt_secret: hex::encode(ids.bytes::<48>()),
                encryption_key: hex::encode(ids.bytes::<32>()),
            };
            crate::files::private_folder(folder)?;
            let draft = folder.join("secrets.json.new");
            let mut file = fs::OpenOptions::new().write(true).create(true).truncate(true).mode(0o600).open(&draft)?;
            file.write_all(&serde_json::to_vec_pretty(&made)?)?;
            file.sync_all()?;
            fs::rename(draft, path)?;
            made
        }
        Err(error) => return Err(error.into()),
    };
    Ok((generated.jwt_secret.into(), generated.encryption_key.into()))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Clock;

    fn secrets(keys: &[&str]) -> Secrets {
        let keys: Vec<SecretString> = keys.iter().map(|key| SecretString::from(key.repeat(32))).collect();
        Secrets::new(&keys, Ids::seeded(Clock::system(), 1)).expect("keys")
    }

    #[test]
    fn a_secret_opens_only_in_its_place_and_after_rotation() {
        let sealed = secrets(&["ab"]).seal("a", b"key").expect("sealed");
        assert_eq!(secrets(&["cd", "ab"]).open("a", &sealed).expect("opened"), b"key");
        assert!(secrets(&["ab"]).open("b", &sealed).is_err());
        assert!(secrets(&["cd"]).open("a", &sealed).is_err());
        assert!(secrets(&["ab"]).open("a", "v1.x.y").is_err());
    }
}
