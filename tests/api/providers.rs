//! What the installation's provider gets, whichever it is.

use db::Engine;
use harness::TestApp;

on_both!(the_request_is_as_the_provider_expects);

async fn the_request_is_as_the_provider_expects(engine: Engine) {
    let app = TestApp::start(engine).await;
    let admin = app.admin().await;
    admin.ask("hello").await.rest().await;
    let request = &app.model.requests()[0];
    assert_eq!((&request["model"], &request["stream"]), (&"scripted".into(), &true.into()));
    assert_eq!(request["stream_options"]["include_usage"], true);
    assert_eq!(request["messages"][1]["content"], "hello");
    // No organisation, person or conversation is told to the provider.
    assert!(!request.to_string().contains("example.org") && !request.to_string().contains("conv_"), "{request}");
    app.finish().await;
}
