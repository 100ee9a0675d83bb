//! The commands beside `serve`.

use harness::Process;
use serde_json::Value;

#[test]
fn faults_of_the_configuration_are_told_together() {
    let folder = tempfile::tempdir().unwrap();
    let data = folder.path().display().to_string();
    let settings = [
        ("DATA_DIR", data.as_str()),
        ("PORT", "ninety"),
        ("JWT_SECRET", "short"),
        ("MODEL_PROVIDER", "oracle"),
        ("REQUEST_BODY_LIMIT", "much"),
    ];
    let (status, output) = Process::run(crate::ALCOVE, &["serve"], &settings);
    assert!(!status.success());
    for name in ["ALCOVE_PORT", "ALCOVE_JWT_SECRET", "ALCOVE_MODEL_PROVIDER", "ALCOVE_REQUEST_BODY_LIMIT"] {
        assert!(output.contains(name), "{name} is not named: {output}");
    }
    assert!(!output.contains("short"), "a secret is shown: {output}");
}

#[test]
fn migrate_doctor_and_openapi() {
    let folder = tempfile::tempdir().unwrap();
    let data = folder.path().display().to_string();
    let settings = [("DATA_DIR", data.as_str())];
    let run = |arguments: &[&str]| Process::run(crate::ALCOVE, arguments, &settings);
    let (status, output) = run(&["migrate"]);
    assert!(status.success(), "{output}");
    // Again changes nothing.
    let (status, output) = run(&["migrate"]);
    assert!(status.success(), "{output}");
    let (_, output) = run(&["doctor"]);
    assert!(output.contains("database") && output.contains("model"), "{output}");
    let (status, output) = run(&["openapi"]);
    assert!(status.success());
    assert_eq!(
        serde_json::from_str::<Value>(&output).unwrap()["openapi"].as_str().unwrap().split('.').next(),
        Some("3")
    );
    let (status, output) = run(&["models", "list"]);
    assert!(status.success() && output.contains("SmolLM2"), "{output}");
    let (status, output) = run(&["dance"]);
    assert!(!status.success() && output.contains("unrecognized subcommand"), "{output}");
}
