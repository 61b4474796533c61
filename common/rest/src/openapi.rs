//! The common parts of the services' OpenAPI documents.

use crate::observe::Route;
use axum::http::Method;
use contract::problems::ProblemType;
use std::collections::HashSet;
use utoipa::{
    Modify,
    openapi::{
        Content, Object, OpenApi, PathItem, Ref, RefOr, Response, Schema, ServerBuilder, Type,
        header::HeaderBuilder,
        path::{Operation, ParameterIn},
        security::{HttpAuthScheme, HttpBuilder, SecurityRequirement, SecurityScheme},
    },
};

const JSON: &str = "application/json";
const PROBLEM_JSON: &str = "application/problem+json";
const PROBLEM: &str = "#/components/schemas/Problem";
/// Marks an operation that only our services may call: `extensions(("x-internal" = json!(true)))`.
const INTERNAL: &str = "x-internal";
/// The path under which the gateway serves the routes of all services.
const GATEWAY_PREFIX: &str = "/api";

/// Adds the security scheme `bearer`: `#[openapi(modifiers(&BearerToken))]`.
pub struct BearerToken;

impl Modify for BearerToken {
    fn modify(&self, document: &mut OpenApi) {
        let scheme = HttpBuilder::new().scheme(HttpAuthScheme::Bearer).bearer_format("JWT").build();
        document
            .components
            .get_or_insert_default()
            .add_security_scheme("bearer", SecurityScheme::Http(scheme));
    }
}

/// Documents the answers that do not come from handlers: the refusals of extractors and the errors of the
/// server. So a handler documents only its own answers.
pub(super) fn complete(document: &mut OpenApi) {
    let default_security = document.security.clone();
    for operation in document.paths.paths.values_mut().flat_map(slots).flatten() {
        let security = operation.security.as_ref().or(default_security.as_ref());
        let needs_token = security.is_some_and(|requirements| {
            requirements.iter().any(|requirement| *requirement != SecurityRequirement::default())
        });
        let has_body = takes_json(operation);
        for (applies, kind) in [
            (has_body || has_parameters(operation), ProblemType::BadRequest),
            (needs_token, ProblemType::Unauthenticated),
            (needs_token, ProblemType::Forbidden),
            (has_body, ProblemType::RequestTimeout),
            (has_body, ProblemType::BodyTooLarge),
            (has_body, ProblemType::UnsupportedMediaType),
            (has_body || has_query(operation), ProblemType::Validation),
            (true, ProblemType::Internal),
            (true, ProblemType::Unavailable),
        ] {
            if applies {
                let answers = &mut operation.responses.responses;
                answers.entry(kind.status().to_string()).or_insert_with(|| RefOr::T(answer(kind)));
            }
        }
        for (status, response) in &mut operation.responses.responses {
            if let RefOr::T(response) = response {
                use_problem_media_type(response);
                if matches!(status.as_str(), "429" | "503") {
                    add_header(response, "Retry-After", Type::Integer, "Seconds to wait before the next try");
                }
            }
        }
        if is_internal(operation) {
            let text = operation.description.get_or_insert_default();
            text.push_str("\n\nInside only: the gateway does not let this through.");
        }
    }
    let mut refused = answer(ProblemType::MethodNotAllowed);
    add_header(&mut refused, "Allow", Type::String, "The methods of the route");
    let answers = &mut document.components.get_or_insert_default().responses;
    answers.insert("MethodNotAllowed".to_owned(), RefOr::T(refused));
}

fn add_header(response: &mut Response, name: &str, kind: Type, description: &str) {
    let schema = Object::with_type(kind);
    let header = HeaderBuilder::new().schema(Some(schema)).description(Some(description)).build();
    response.headers.entry(name.to_owned()).or_insert(RefOr::T(header));
}

/// The document of the routes that the gateway serves, with the gateway's addresses.
pub(super) fn public(document: &OpenApi) -> OpenApi {
    let mut public = document.clone();
    for slot in public.paths.paths.values_mut().flat_map(slots) {
        if slot.as_ref().is_some_and(is_internal) {
            *slot = None;
        }
        for response in slot.iter_mut().flat_map(|operation| operation.responses.responses.values_mut()) {
            if let RefOr::T(response) = response {
                add_header(response, "X-Request-Id", Type::String, "Names the request in every log");
            }
        }
        // The gateway serves WebSockets outside of that prefix.
        if let Some(socket) = slot.as_mut().filter(|slot| slot.responses.responses.contains_key("101")) {
            socket.servers = Some(vec![ServerBuilder::new().url("/").build()]);
        }
    }
    public.paths.paths.retain(|_, item| slots(item).iter().any(|slot| slot.is_some()));
    public.servers = Some(vec![ServerBuilder::new().url(GATEWAY_PREFIX).build()]);
    let used: Vec<String> = public
        .paths
        .paths
        .values_mut()
        .flat_map(slots)
        .flatten()
        .flat_map(|operation| operation.tags.clone().unwrap_or_default())
        .collect();
    if let Some(tags) = &mut public.tags {
        tags.retain(|tag| used.contains(&tag.name));
    }
    drop_unused_schemas(&mut public);
    public
}

/// The routes that only our services may call.
pub(super) fn internal(document: &mut OpenApi) -> HashSet<Route> {
    let methods = [Method::GET, Method::PUT, Method::POST, Method::DELETE, Method::PATCH];
    let mut routes = HashSet::new();
    for (path, item) in &mut document.paths.paths {
        for (method, slot) in methods.iter().zip(slots(item)) {
            if slot.as_ref().is_some_and(is_internal) {
                routes.insert((method.clone(), path.clone()));
            }
        }
    }
    routes
}

fn slots(item: &mut PathItem) -> [&mut Option<Operation>; 5] {
    [&mut item.get, &mut item.put, &mut item.post, &mut item.delete, &mut item.patch]
}

fn is_internal(operation: &Operation) -> bool {
    operation.extensions.as_ref().is_some_and(|extensions| extensions.contains_key(INTERNAL))
}

fn takes_json(operation: &Operation) -> bool {
    matches!(&operation.request_body, Some(RefOr::T(body)) if body.content.contains_key(JSON))
}

/// Whether the path or the query has parameters.
fn has_parameters(operation: &Operation) -> bool {
    has_parameter_in(operation, &[ParameterIn::Path, ParameterIn::Query])
}

fn has_query(operation: &Operation) -> bool {
    has_parameter_in(operation, &[ParameterIn::Query])
}

fn has_parameter_in(operation: &Operation, places: &[ParameterIn]) -> bool {
    operation
        .parameters
        .iter()
        .flatten()
        .any(|parameter| matches!(parameter, RefOr::T(parameter) if places.contains(&parameter.parameter_in)))
}

fn answer(kind: ProblemType) -> Response {
    let schema = RefOr::<Schema>::Ref(Ref::new(PROBLEM));
    let mut response = Response::new(kind.title());
    response.content.insert(PROBLEM_JSON.to_owned(), RefOr::T(Content::new(Some(schema))));
    response
}

/// Gives a problem document its own media type.
fn use_problem_media_type(response: &mut Response) {
    let is_problem = matches!(
        response.content.get(JSON),
        Some(RefOr::T(Content { schema: Some(RefOr::Ref(schema)), .. })) if schema.ref_location == PROBLEM
    );
    if is_problem && let Some(content) = response.content.shift_remove(JSON) {
        response.content.insert(PROBLEM_JSON.to_owned(), content);
    }
}

/// Removes unused schemas. After a schema is removed, another one may be unused. So the search repeats until
/// every schema is used.
fn drop_unused_schemas(document: &mut OpenApi) {
    loop {
        let Ok(text) = serde_json::to_string(document) else { return };
        let Some(components) = &mut document.components else { return };
        let before = components.schemas.len();
        components.schemas.retain(|name, _| text.contains(&format!("\"#/components/schemas/{name}\"")));
        if components.schemas.len() == before {
            return;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::problem::Problem;
    use serde::Deserialize;
    use serde_json::{Value, json};
    use utoipa::ToSchema;

    #[derive(Deserialize, ToSchema)]
    #[expect(dead_code, reason = "only its schema is used")]
    struct Inner {
        secret: String,
    }

    #[derive(Deserialize, ToSchema)]
    #[expect(dead_code, reason = "only its schema is used")]
    struct Body {
        inner: Inner,
    }

    #[utoipa::path(get, path = "/open", tag = "shop", responses((status = 404, description = "None", body = Problem)))]
    #[expect(dead_code, reason = "only its document is used")]
    fn open() {}

    #[utoipa::path(
        post, path = "/locked/{id}", tag = "inside",
        extensions(("x-internal" = json!(true))),
        security(("bearer" = [])),
        params(("id" = String, Path)),
        request_body = Body,
        responses((status = 422, description = "Its own", body = Problem))
    )]
    #[expect(dead_code, reason = "only its document is used")]
    fn locked() {}

    #[utoipa::path(get, path = "/ws", tag = "shop", responses((status = 101, description = "A socket")))]
    #[expect(dead_code, reason = "only its document is used")]
    fn socket() {}

    #[derive(utoipa::OpenApi)]
    #[openapi(
        paths(open, locked, socket),
        tags((name = "shop"), (name = "inside")),
        components(schemas(Problem)),
        modifiers(&BearerToken)
    )]
    struct Document;

    fn completed() -> OpenApi {
        let mut document = <Document as utoipa::OpenApi>::openapi();
        complete(&mut document);
        document
    }

    fn statuses(operation: &Value) -> Vec<&str> {
        operation["responses"].as_object().unwrap().keys().map(String::as_str).collect()
    }

    #[test]
    fn the_answers_that_do_not_come_from_handlers_are_documented() {
        let document = serde_json::to_value(completed()).unwrap();
        let locked = &document["paths"]["/locked/{id}"]["post"];
        assert_eq!(statuses(locked), ["400", "401", "403", "408", "413", "415", "422", "500", "503"]);
        assert_eq!(locked["responses"]["422"]["description"], "Its own");
        assert!(locked["description"].as_str().unwrap().contains("Inside only"));
        let open = &document["paths"]["/open"]["get"];
        assert_eq!(statuses(open), ["404", "500", "503"]);
        for status in ["404", "500"] {
            let content = open["responses"][status]["content"].as_object().unwrap();
            assert_eq!(content.keys().collect::<Vec<_>>(), [PROBLEM_JSON]);
        }
    }

    #[test]
    fn internal_routes_are_known_by_method_and_path() {
        let routes = internal(&mut completed());
        assert_eq!(routes, HashSet::from([(Method::POST, "/locked/{id}".to_owned())]));
    }

    #[test]
    fn headers_that_a_client_needs_are_documented() {
        let completed = completed();
        let document = serde_json::to_value(&completed).unwrap();
        let headers = |document: &Value, status: &str| {
            let response = &document["paths"]["/open"]["get"]["responses"][status];
            response["headers"].as_object().map(|headers| headers.keys().cloned().collect()).unwrap_or(vec![])
        };
        assert_eq!(headers(&document, "503"), ["Retry-After"]);
        assert_eq!(headers(&document, "404"), [""; 0]);
        let refused = &document["components"]["responses"]["MethodNotAllowed"];
        assert_eq!(refused["headers"]["Allow"]["schema"]["type"], "string");
        let public = serde_json::to_value(public(&completed)).unwrap();
        assert_eq!(headers(&public, "503"), ["Retry-After", "X-Request-Id"]);
        assert_eq!(headers(&public, "404"), ["X-Request-Id"]);
    }

    #[test]
    fn the_public_document_has_only_the_routes_of_the_gateway() {
        let document = serde_json::to_value(public(&completed())).unwrap();
        assert_eq!(document["paths"].as_object().unwrap().keys().collect::<Vec<_>>(), ["/open", "/ws"]);
        assert_eq!(document["servers"], json!([{ "url": "/api" }]));
        assert_eq!(document["paths"]["/ws"]["get"]["servers"], json!([{ "url": "/" }]));
        assert_eq!(document["tags"], json!([{ "name": "shop" }]));
        let schemas = document["components"]["schemas"].as_object().unwrap();
        assert_eq!(schemas.keys().collect::<Vec<_>>(), ["FieldError", "Problem"]);
    }
}
