//! `POST /promotions`

use super::error::Error;
use crate::{
    db::{self, promotions::Versioned},
    domain::promotion,
    state::AppState,
};
use axum::{
    extract::State,
    http::{StatusCode, header},
    response::IntoResponse,
};
use contract::{
    discounts::{Promotion, PromotionTerms},
    ids::PromotionId,
};
use rest::{auth::caller::Caller, etag, extract::Json, problem::Problem};

/// Add a promotion
///
/// Without a code the promotion applies automatically. Only for staff.
#[utoipa::path(
    post,
    path = "/promotions",
    tag = "promotions",
    security(("bearer" = [])),
    request_body = PromotionTerms,
    responses(
        (status = 201, body = Promotion, headers(
            ("Location" = String, description = "The promotion"),
            ("ETag" = String, description = "The version of the terms, for `If-Match`"),
        )),
        (status = 403, body = Problem, description = "Not staff"),
        (status = 409, body = Problem, description = "Another promotion has this code"),
    )
)]
pub(super) async fn create_promotion(
    State(state): State<AppState>,
    caller: Caller,
    Json(terms): Json<PromotionTerms>,
) -> Result<impl IntoResponse, Error> {
    caller.staff()?;
    let terms = promotion::parse(terms, state.currency)?;
    let id = PromotionId::new();
    let change = db::promotions::insert(&state.pool, id, &terms).await?;
    let Versioned { promotion, version } = Error::unless_made(change, id)?;
    // Relative to the request (RFC 9110, 10.2.2), so that it also works behind the prefix of a gateway.
    let location = format!("promotions/{id}");
    let tag = [(header::ETAG, etag::of(version))];
    Ok((StatusCode::CREATED, [(header::LOCATION, location)], tag, axum::Json(promotion)))
}

#[cfg(test)]
mod tests {
    use super::super::testing::{By, CLAIMANT, Service, terms};
    use serde_json::json;
    use sqlx::PgPool;

    #[sqlx::test]
    async fn the_location_leads_to_the_promotion(pool: PgPool) {
        let service = Service::new(pool).await;
        let created = service.post(By::Staff, "/promotions", terms(json!({ "code": "Tea-Week" }))).await;
        assert_eq!(created.status, 201, "{}", created.body);
        assert_eq!((&created.body["used"], &created.body["terms"]["code"]), (&json!(0), &json!("Tea-Week")));
        let location = created.headers["location"].to_str().unwrap();
        let found = service.get_as(By::Staff, &format!("/{location}")).await;
        assert_eq!((&found.body, &found.headers["etag"]), (&created.body, &created.headers["etag"]));
    }

    #[sqlx::test]
    async fn codes_that_differ_only_in_case_are_the_same_code(pool: PgPool) {
        let service = Service::new(pool).await;
        let create =
            async |code: &str| service.post(By::Staff, "/promotions", terms(json!({ "code": code }))).await;
        let first = create("tea-week").await;
        let taken = create("TEA-WEEK").await;
        assert_eq!((taken.status.as_u16(), &taken.body["type"]), (409, &json!("/problems/code-taken")));
        assert_eq!(taken.body["errors"][0]["pointer"], "/code");
        service.delete(By::Staff, &format!("/promotions/{}", first.body["id"].as_str().unwrap())).await;
        assert_eq!(create("TEA-WEEK").await.status, 201, "the code of a deleted promotion is free");
        assert_eq!(service.post(By::Staff, "/promotions", terms(json!({}))).await.status, 201);
        assert_eq!(service.post(By::Staff, "/promotions", terms(json!({}))).await.status, 201, "no code");
    }

    #[sqlx::test]
    async fn errors_name_the_invalid_fields(pool: PgPool) {
        let service = Service::new(pool).await;
        let percent = |basis_points: i64| json!({ "kind": "percent", "basis_points": basis_points });
        let dollars = json!({ "amount_minor": 100, "currency": "USD" });
        for (change, pointer) in [
            (json!({ "reduction": percent(0) }), "/reduction/basis_points"),
            (json!({ "reduction": percent(10_001) }), "/reduction/basis_points"),
            (json!({ "reduction": { "kind": "amount", "amount": dollars } }), "/reduction/amount/currency"),
            (json!({ "starts_at": "2026-06-01T00:00:00Z", "ends_at": "2026-05-01T00:00:00Z" }), "/ends_at"),
            (json!({ "minimum": dollars }), "/minimum/currency"),
            (json!({ "colour": "red" }), "/colour"),
        ] {
            let answer = service.post(By::Staff, "/promotions", terms(change)).await;
            assert_eq!(answer.status, 422, "{}", answer.body);
            assert_eq!(answer.body["errors"][0]["pointer"], pointer);
        }
    }

    #[sqlx::test]
    async fn a_group_holds_8_current_promotions_and_there_are_4_groups(pool: PgPool) {
        let service = Service::new(pool).await;
        let create = async |group: &str, ends_at: Option<&str>| {
            let body = terms(json!({ "exclusive_group": group, "ends_at": ends_at }));
            service.post(By::Staff, "/promotions", body).await.status.as_u16()
        };
        let past = Some("2020-01-01T00:00:00Z");
        assert_eq!(create("a", past).await, 201, "promotions that have ended do not count");
        for _ in 0..8 {
            assert_eq!(create("a", None).await, 201);
        }
        assert_eq!(create("a", None).await, 422);
        for (group, status) in [("b", 201), ("c", 201), ("d", 201), ("e", 422), ("d", 201)] {
            assert_eq!(create(group, None).await, status, "{group}");
        }
    }

    #[sqlx::test]
    async fn only_staff_may_create_promotions(pool: PgPool) {
        let service = Service::new(pool).await;
        for (by, status) in [(By::Nobody, 401), (By::Customer, 403), (CLAIMANT, 403)] {
            assert_eq!(service.post(by, "/promotions", terms(json!({}))).await.status, status);
        }
    }
}
