//! The databases of a system. A service reaches only its own database. Any cluster works. PostgreSQL logs no
//! personal data.

use contract::{
    orders::{Address, OrderStatus::Completed},
    users::{Login, Registration},
};
use devstack::{Servers, instance::Folder, services::SERVICES};
use orderctl::ProductQuery;
use sqlx::{Connection as _, Executor as _, PgConnection};
use std::{path::Path, process::Command, sync::Arc};
use storage::DatabaseUrl;
use system_tests::{PASSWORD, Shop, eventually, refusal, unique};

/// A folder for a private server.
fn folder(name: &str) -> Folder {
    Folder::of("test").unwrap().inner("clusters").inner(&unique(name))
}

#[tokio::test]
async fn a_service_reaches_only_its_own_database() {
    let shop = Shop::shared().await;
    let own = shop.stack().database_url("order-service").unwrap();
    let mut connection = PgConnection::connect(&own).await.unwrap();
    connection.execute("SELECT count(*) FROM orders").await.unwrap();
    let refused = [
        "COPY orders FROM PROGRAM 'true'",
        "COPY (SELECT 1) TO '/tmp/orderflow-was-here'",
        "SELECT pg_read_file('/etc/passwd')",
        "CREATE ROLE other",
        "CREATE DATABASE other",
        "SELECT rolpassword FROM pg_authid",
    ];
    for statement in refused {
        let error = connection.execute(statement).await.unwrap_err();
        let code = error.as_database_error().and_then(|error| error.code().map(String::from));
        assert_eq!(code.as_deref(), Some("42501"), "{statement}: {error}");
    }
    let users = shop.stack().database_url("user-service").unwrap();
    let (_, name) = users.rsplit_once('/').unwrap();
    let theirs = own.parse::<DatabaseUrl>().unwrap().with_database(name).reveal();
    let error = PgConnection::connect(&theirs).await.unwrap_err();
    assert!(error.to_string().contains("permission denied for database"), "{error}");
}

/// Runs the script of docker-compose.yml twice, because an upgrade of an old volume runs it again.
#[tokio::test]
async fn the_compose_script_gives_each_database_its_own_owner() {
    let servers = Servers::with_cluster(&folder("compose"), &[]).await.unwrap();
    let admin = servers.postgres_url().unwrap();
    let options = admin.servers().unwrap().swap_remove(0);
    let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("../deploy/postgres/create-databases.sh");
    let mut connection = PgConnection::connect_with(&options).await.unwrap();
    // The state that the previous release leaves.
    connection.execute("CREATE DATABASE users").await.unwrap();
    let url = admin.clone().with_database("users").reveal();
    let mut old = PgConnection::connect(&url).await.unwrap();
    old.execute("CREATE TABLE users (id serial PRIMARY KEY); INSERT INTO users DEFAULT VALUES")
        .await
        .unwrap();
    for _ in 0..2 {
        let made = Command::new("sh")
            .arg(&script)
            .env("POSTGRES_USER", options.get_username())
            .env("PGPASSWORD", admin.reveal().split([':', '@']).nth(2).unwrap())
            .env("PGHOST", options.get_host())
            .env("PGPORT", options.get_port().to_string())
            .envs(databases().map(|name| (format!("{}_DATABASE_PASSWORD", name.to_uppercase()), "word")))
            .output()
            .unwrap();
        assert!(made.status.success(), "{}", String::from_utf8_lossy(&made.stderr));
    }
    let owner =
        |user: &str, database: &str| admin.clone().with_user(user, "word").with_database(database).reveal();
    let mut users = PgConnection::connect(&owner("users", "users")).await.unwrap();
    users.execute("ALTER TABLE users ADD COLUMN name text; CREATE TABLE more ()").await.unwrap();
    for database in databases().filter(|name| *name != "orders").chain(["postgres", "template1"]) {
        let error = PgConnection::connect(&owner("orders", database)).await.unwrap_err();
        assert!(error.to_string().contains("permission denied for database"), "{database}: {error}");
    }
    let mut orders = PgConnection::connect(&owner("orders", "orders")).await.unwrap();
    orders.execute("CREATE TABLE orders ()").await.unwrap();
    orders.execute("COPY orders FROM PROGRAM 'true'").await.unwrap_err();
}

/// The names of the databases of all programs.
fn databases() -> impl Iterator<Item = &'static str> {
    SERVICES.iter().filter_map(|service| service.database).map(|(name, _)| name)
}

#[tokio::test]
async fn text_of_all_scripts_works_on_a_latin1_cluster() {
    works_on_a_cluster(&["--encoding=LATIN1", "--locale=C"]).await;
}

/// On this cluster, `lower()` turns an I into a dotless ı.
#[tokio::test]
async fn text_of_all_scripts_works_on_a_turkish_cluster() {
    works_on_a_cluster(&["--locale-provider=icu", "--icu-locale=tr"]).await;
}

async fn works_on_a_cluster(options: &[&str]) {
    let servers = Arc::new(Servers::with_cluster(&folder("cluster"), options).await.unwrap());
    let shop = Shop::start_as(|system| system.servers(&servers)).await;
    let client = shop.client(1);
    let register = async |username: &str, email: &str| {
        let (username, email) = (username.to_owned(), email.to_owned());
        client.register(&Registration { username, email, password: PASSWORD.to_owned() }).await
    };
    let registered = register("IRIS", "IRIS@example.com").await.unwrap();
    let login = Login { username: "iris".to_owned(), password: PASSWORD.to_owned() };
    let session = client.login(&login).await.unwrap();
    assert_eq!(session.me().await.unwrap().id, registered.id);
    assert_eq!(refusal(register("iris", "other@example.com").await).status, 409);
    assert_eq!(refusal(register("other", "iris@example.com").await).status, 409);

    let query = ProductQuery { text: Some("Ω".to_owned()), ..ProductQuery::default() };
    assert!(client.products(&query).await.unwrap().items.is_empty());
    let tea = shop.sells("tea", 450, 10).await;
    let customer = shop.customer("ada").await;
    let mut order = customer.places(&[(&tea, 1)]).body().clone();
    order.note = Some("Ω, 茶, 🍵".to_owned());
    order.shipping_address = Some(Address {
        name: "Ωmega Ωάδα".to_owned(),
        street: "Улица 1".to_owned(),
        postal_code: "10115".to_owned(),
        city: "Łódź".to_owned(),
        country: "PL".to_owned(),
    });
    let placed = customer.session().place(&order).await.unwrap();
    eventually("the order is completed", async || {
        let order = customer.session().order(placed.id).await.ok()?;
        (order.status == Completed).then_some(())
    })
    .await;
    let completed = customer.session().order(placed.id).await.unwrap();
    assert_eq!((completed.note, completed.shipping_address), (order.note, order.shipping_address));
}

#[tokio::test]
async fn postgresql_logs_no_name_and_no_address() {
    let folder = folder("logs");
    let servers = Arc::new(Servers::with_cluster(&folder, &[]).await.unwrap());
    let shop = Shop::start_as(|system| system.servers(&servers)).await;
    let client = shop.client(1);
    let register = async |username: &str, email: &str| {
        let (username, email) = (username.to_owned(), email.to_owned());
        client.register(&Registration { username, email, password: PASSWORD.to_owned() }).await
    };
    register("grace", "grace.hopper@example.com").await.unwrap();
    assert_eq!(refusal(register("Grace", "other@example.com").await).status, 409);
    assert_eq!(refusal(register("other", "Grace.Hopper@example.com").await).status, 409);
    // Even an error that reaches the client logs no details. Here the details have the address, because only the
    // address is a duplicate.
    let insert = "INSERT INTO users (id, username, email, password_hash, role)
                  SELECT gen_random_uuid(), 'other', email, '', role FROM users WHERE username = 'grace'";
    sqlx::query(insert).execute(&shop.database("user-service")).await.unwrap_err();
    let log = eventually("the error is logged", async || {
        let log = std::fs::read_to_string(folder.log("postgres")).unwrap();
        log.contains("duplicate key value").then_some(log)
    })
    .await;
    assert!(!log.to_lowercase().contains("hopper"), "{log}");
    assert_eq!(log.matches("duplicate key value").count(), 1, "{log}");
}

/// After a rollback, the database has a migration that these programs do not know.
#[tokio::test]
async fn programs_start_on_the_schema_of_a_later_release() {
    let shop = Shop::start().await;
    for service in SERVICES.iter().filter(|service| service.database.is_some()).map(|service| service.name) {
        let later = "INSERT INTO _sqlx_migrations (version, description, success, checksum, execution_time)
                     VALUES (9999, 'later', true, ''::bytea, 0)";
        sqlx::query(later).execute(&shop.database(service)).await.unwrap();
        shop.stack().restart(service, 1).await.unwrap();
    }
    let tea = shop.sells("tea", 450, 10).await;
    shop.customer("ada").await.places(&[(&tea, 1)]).await.reaches(Completed).await;
}
