//! Checks answers against the API document.

use std::{collections::HashMap, sync::Mutex};

use serde_json::{Value, json};

/// The document, ready for checking.
pub(crate) struct Document {
    document: Value,
    compiled: Mutex<HashMap<String, jsonschema::Validator>>,
}

impl Document {
    /// From the document as served.
    pub(crate) fn new(document: Value) -> Self {
        Self { document, compiled: Mutex::default() }
    }

    /// Fails unless the document says that this route can give this answer. Paths that it does not
    /// know may only answer with an error of the one form.
    pub(crate) fn check(&self, method: &str, path: &str, status: u16, content_type: &str, body: &Value) {
        let Some((template, operations)) = self.operations(path) else {
            assert!(
                status >= 400 || !path.starts_with("/api") || ["/api/openapi.json", "/api/docs/"].contains(&path),
                "{method} {path} answered {status} and is not in the document"
            );
            return;
        };
        // The router answers HEAD wherever it answers GET.
        let operation = &operations[if method == "HEAD" { "get".to_owned() } else { method.to_lowercase() }];
        if operation.is_null() {
            assert!(
                matches!(status, 401 | 404 | 405),
                "{method} {template} answered {status} and is not in the document"
            );
            return;
        }
        let response = &operation["responses"][status.to_string()];
        assert!(!response.is_null(), "{method} {template}: the document does not know the status {status}: {body}");
        let kind = content_type.split(';').next().unwrap_or_default().trim();
        if body.is_null() || kind != "application/json" {
            return;
        }
        let schema = &response["content"]["application/json"]["schema"];
        assert!(!schema.is_null(), "{method} {template}: the document has no JSON body for {status}");
        let key = format!("{method} {template} {status}");
        let mut compiled = self.compiled.lock().unwrap();
        let validator = compiled.entry(key.clone()).or_insert_with(|| {
            let mut whole = json!({"components": self.document["components"], "allOf": []});
            whole["allOf"] = json!([schema]);
            jsonschema::validator_for(&whole).expect("a valid schema")
        });
        let faults: Vec<String> =
            validator.iter_errors(body).map(|fault| format!("{} at {}", fault, fault.instance_path)).collect();
        assert!(faults.is_empty(), "{key}: {faults:?}\n{body:#}");
    }

    fn operations(&self, path: &str) -> Option<(&str, &Value)> {
        let paths = self.document["paths"].as_object().unwrap();
        let found = paths.iter().find(|(template, _)| {
            let (wanted, given): (Vec<_>, Vec<_>) = (template.split('/').collect(), path.split('/').collect());
            wanted.len() == given.len()
                && wanted.iter().zip(&given).all(|(wanted, given)| wanted.starts_with('{') || wanted == given)
        });
        found.map(|(template, operations)| (template.as_str(), operations))
    }
}
