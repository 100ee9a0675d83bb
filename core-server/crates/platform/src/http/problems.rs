//! The error answers that any route can give, for the API document.

use std::collections::BTreeMap;

use shared_protocol::{ErrorBody, ErrorCode};
use utoipa::{
    IntoResponses, ToSchema,
    openapi::{ContentBuilder, Ref, RefOr, Response, ResponseBuilder},
};

/// Stands for all error answers in a handler's `responses(…)`.
pub struct Problems;

impl IntoResponses for Problems {
    fn responses() -> BTreeMap<String, RefOr<Response>> {
        let mut answers: BTreeMap<u16, Vec<&str>> = BTreeMap::new();
        for code in ErrorCode::ALL {
            answers.entry(code.status()).or_default().push(code.as_str());
        }
        answers
            .into_iter()
            .map(|(status, codes)| {
                let schema = Ref::from_schema_name(ErrorBody::name());
                let response = ResponseBuilder::new()
                    .description(codes.join(", "))
                    .content("application/json", ContentBuilder::new().schema(Some(schema)).build())
                    .build();
                (status.to_string(), response.into())
            })
            .collect()
    }
}
