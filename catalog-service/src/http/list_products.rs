//! `GET /products`

use super::error::Error;
use crate::{
    db,
    domain::listing::{ListQuery, Wanted},
    state::AppState,
};
use axum::{Json, extract::State};
use contract::{catalog::Product, page::Page};
use rest::{extract::Query, problem::Problem};

/// List products
///
/// Lists products page by page, oldest first. With `ids` it lists only these products, and leaves out products
/// that the shop does not have.
#[utoipa::path(
    get,
    path = "/products",
    tag = "products",
    params(ListQuery),
    responses(
        (status = 200, body = Page<Product>),
        (status = 422, body = Problem, description = "A parameter is invalid"),
    )
)]
pub(super) async fn list_products(
    State(state): State<AppState>,
    Query(query): Query<ListQuery>,
) -> Result<Json<Page<Product>>, Error> {
    let page = match Wanted::parse(query)? {
        Wanted::Page(listing) => listing.page(db::products::list(&state.pool, &listing).await?),
        Wanted::Ids(ids) => {
            Page { items: db::products::find_all(&state.pool, &ids).await?, next_cursor: None }
        }
    };
    Ok(Json(page))
}

#[cfg(test)]
mod tests {
    use super::super::testing::{By, Service, draft};
    use contract::ids::ProductId;
    use serde_json::{Value, json};
    use sqlx::PgPool;

    fn names(page: &Value) -> Vec<&str> {
        page["items"].as_array().unwrap().iter().map(|item| item["name"].as_str().unwrap()).collect()
    }

    #[sqlx::test]
    async fn pages_stay_complete_while_products_are_added_and_deleted(pool: PgPool) {
        let service = Service::new(pool);
        for name in ["Assam", "Bancha", "Ceylon", "Darjeeling"] {
            service.sells(name, 100, 1).await;
        }
        let first = service.get("/products?limit=2").await.body;
        assert_eq!(names(&first), ["Assam", "Bancha"]);

        let gone = format!("/products/{}", first["items"][1]["id"].as_str().unwrap());
        service.delete(By::Staff, &gone).await;
        service.sells("Earl Grey", 100, 1).await;

        let cursor = first["next_cursor"].as_str().unwrap();
        let second = service.get(&format!("/products?limit=2&cursor={cursor}")).await.body;
        assert_eq!(names(&second), ["Ceylon", "Darjeeling"]);
        let cursor = second["next_cursor"].as_str().unwrap();
        let third = service.get(&format!("/products?limit=2&cursor={cursor}")).await.body;
        assert_eq!(names(&third), ["Earl Grey"]);
        assert_eq!(third["next_cursor"], Value::Null);
    }

    #[sqlx::test]
    async fn a_full_last_page_has_no_next_cursor(pool: PgPool) {
        let service = Service::new(pool);
        service.sells("Assam", 100, 1).await;
        assert_eq!(service.get("/products?limit=1").await.body["next_cursor"], Value::Null);
    }

    #[sqlx::test]
    async fn products_are_found_by_their_ids(pool: PgPool) {
        let service = Service::new(pool);
        let [assam, gone, _] = [
            service.sells("Assam", 1, 1).await,
            service.sells("B", 1, 1).await,
            service.sells("C", 1, 1).await,
        ];
        service.delete(By::Staff, &format!("/products/{gone}")).await;
        let page = service.get(&format!("/products?ids={gone},{assam},{}", ProductId::new())).await.body;
        assert_eq!((names(&page), &page["next_cursor"]), (vec!["Assam"], &Value::Null));
    }

    #[sqlx::test]
    async fn filters_narrow_the_list(pool: PgPool) {
        let service = Service::new(pool);
        for name in ["Earl Grey", "Lady Grey", "Sencha 100 pct"] {
            service.sells(name, 100, 1).await;
        }
        assert_eq!(names(&service.get("/products?q=grey").await.body), ["Earl Grey", "Lady Grey"]);
        assert_eq!(names(&service.get("/products?q=%25").await.body), [""; 0]);
        assert_eq!(names(&service.get("/products?category=Tea&limit=100").await.body).len(), 3);
        assert_eq!(names(&service.get("/products?category=Coffee").await.body), [""; 0]);
    }

    #[sqlx::test]
    async fn a_search_ignores_case_accents_and_normalisation_forms(pool: PgPool) {
        let service = Service::new(pool);
        let names_of = async |words: &str| {
            let query = form_urlencoded::byte_serialize(words.as_bytes()).collect::<String>();
            let page = service.get(&format!("/products?q={query}")).await.body;
            names(&page).into_iter().map(str::to_owned).collect::<Vec<_>>()
        };
        let products = ["Thé vert", "Ölmühle", "Чай", "Ñandú", "ΣΟΦΟΣ", "Weiße Straße", "100% Iris"];
        for (number, name) in products.into_iter().enumerate() {
            let mut product = draft(&format!("T-{number}"), 100);
            product["name"] = json!(name);
            assert_eq!(service.post(By::Staff, "/products", product).await.status, 201);
        }
        for (words, name) in [
            ("THÉ VERT", "Thé vert"),
            ("the\u{301} vert", "Thé vert"),
            ("the vert", "Thé vert"),
            ("öl", "Ölmühle"),
            ("ÖL", "Ölmühle"),
            ("ol", "Ölmühle"),
            ("чай", "Чай"),
            ("ча\u{438}\u{306}", "Чай"),
            ("ñandú", "Ñandú"),
            ("NANDU", "Ñandú"),
            ("σοφος", "ΣΟΦΟΣ"),
            ("σοφοσ", "ΣΟΦΟΣ"),
            ("STRASSE", "Weiße Straße"),
            ("weiß", "Weiße Straße"),
            ("100% iris", "100% Iris"),
        ] {
            assert_eq!(names_of(words).await, [name], "{words}");
        }
        assert_eq!(names_of("thé%vert").await, [""; 0]);

        let page = service.get("/products?q=iris").await.body;
        let mut renamed = draft("T-6", 100);
        renamed["description"] = json!("Crème");
        let path = format!("/products/{}", page["items"][0]["id"].as_str().unwrap());
        assert_eq!(service.put(By::Staff, &path, renamed).await.status, 200);
        assert_eq!(names_of("iris").await, [""; 0]);
        assert_eq!(names_of("CREME").await, ["T-6"]);
    }

    #[sqlx::test]
    async fn errors_name_the_invalid_parameters(pool: PgPool) {
        let service = Service::new(pool);
        for (query, status, name) in [
            ("limit=0", 422, "limit"),
            ("limit=101", 422, "limit"),
            ("limit=ten", 422, "limit"),
            ("cursor=nonsense", 422, "cursor"),
            ("q=%00", 422, "q"),
            ("ids=x", 422, "ids"),
            ("colour=red", 422, "colour"),
        ] {
            let answer = service.get(&format!("/products?{query}")).await;
            assert_eq!(answer.status, status, "{query}");
            assert!(answer.body["detail"].as_str().unwrap().contains(name), "{}", answer.body);
        }
    }
}
