//! Tests of `./dev up` and `./dev status` on machines with unusual settings.

#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a test that cannot continue ends, and says why"
)]

use std::fs::{self, File};
use std::os::unix::fs::symlink;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, ExitStatus, Stdio};
use std::time::Duration;

use contract::catalog::ProductDraft;
use contract::ids::OrderId;
use contract::orders::{Item, OrderStatus, PlaceOrder};
use contract::users::Login;
use devstack::servers::{AMQP_COUNTS_SECONDS, AMQP_MANAGEMENT_URL, AMQP_URL, POSTGRES_URL};
use nix::sys::signal::{Signal, kill};
use nix::unistd::Pid;
use orderctl::{Client, Endpoints, ProductQuery, Session};
use tokio::sync::Mutex;
use tokio::time::{Instant, sleep};

/// A test fails after this time.
const TEST_DEADLINE: Duration = Duration::from_mins(3);
const POLL_INTERVAL: Duration = Duration::from_millis(200);
/// Lets only one complete system run at a time.
static TURN: Mutex<()> = Mutex::const_new(());

async fn eventually<T>(what: &str, mut look: impl AsyncFnMut() -> Option<T>) -> T {
    let deadline = Instant::now() + TEST_DEADLINE;
    loop {
        if let Some(seen) = look().await {
            return seen;
        }
        assert!(Instant::now() < deadline, "not within {TEST_DEADLINE:?}: {what}");
        sleep(POLL_INTERVAL).await;
    }
}

/// Writes an executable file in another process. If this process wrote the file, a child of another test
/// could inherit the open file. Linux refuses to execute a file that is open for writing (`ETXTBSY`).
fn write_program(path: &Path, content: &str) {
    let script = r#"printf %s "$2" >"$1" && chmod 755 "$1""#;
    let written = Command::new("sh").args(["-c", script, "sh"]).arg(path).arg(content).status().unwrap();
    assert!(written.success(), "cannot write {}", path.display());
}

/// A temporary checkout that uses the existing builds of the programs. Dropping the value removes it.
struct Checkout {
    top: PathBuf,
    folder: PathBuf,
}

impl Checkout {
    fn named(name: &str) -> Self {
        let top = std::env::temp_dir().join(format!("orderflow-{:08x}", rand::random::<u32>()));
        let folder = top.join(name);
        let real = Path::new(env!("CARGO_MANIFEST_DIR")).parent().unwrap();
        fs::create_dir_all(folder.join("web/node_modules")).unwrap();
        for package in ["package.json", "package-lock.json", ".npmrc"] {
            fs::write(folder.join("web").join(package), "").unwrap();
        }
        write_program(&folder.join("dev"), &fs::read_to_string(real.join("dev")).unwrap());
        for name in ["Cargo.lock", "catalogue.json", "promotions.json", "deploy", "docs"] {
            symlink(real.join(name), folder.join(name)).unwrap();
        }
        let checkout = Self { top, folder };
        // These stand-ins only build a page.
        checkout.program("bin/cargo", "");
        checkout.program("bin/node", "");
        checkout.program(
            "bin/npm",
            "mkdir -p node_modules dist && echo '<title>Orderflow</title>' >dist/index.html",
        );
        checkout
    }

    /// Writes a program beside the checkout.
    fn program(&self, path: &str, script: &str) {
        let path = self.top.join(path);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        write_program(&path, &format!("#!/bin/sh\n{script}\n"));
    }

    /// Creates the command of `dev`, or of a program that runs `dev`, in this checkout.
    fn command(&self, program: impl AsRef<Path>) -> Command {
        let target = Path::new(env!("CARGO_BIN_EXE_devstack")).ancestors().nth(2).unwrap();
        let path = std::env::var("PATH").unwrap();
        // The tests themselves may run under `nohup`, and child processes inherit the ignored signal.
        let mut command = Command::new("env");
        command
            .args(["--default-signal=HUP".as_ref(), program.as_ref().as_os_str()])
            .current_dir("/")
            .env("PATH", format!("{}:{path}", self.top.join("bin").display()))
            .env("CARGO_TARGET_DIR", target)
            .stdin(Stdio::null());
        for outside in [POSTGRES_URL, AMQP_URL, AMQP_MANAGEMENT_URL, AMQP_COUNTS_SECONDS] {
            command.env_remove(outside);
        }
        command
    }

    fn dev(&self) -> PathBuf {
        self.folder.join("dev")
    }

    fn status(&self) -> Command {
        let mut command = self.command(self.dev());
        command.arg("status");
        command
    }

    fn data(&self, path: &str) -> PathBuf {
        self.folder.join(".data/up").join(path)
    }
}

impl Drop for Checkout {
    fn drop(&mut self) {
        drop(fs::remove_dir_all(&self.top));
    }
}

fn output(command: &mut Command) -> (bool, String) {
    let output = command.output().unwrap();
    let text = [output.stdout, output.stderr].concat();
    (output.status.success(), String::from_utf8(text).unwrap())
}

/// A running `./dev up`. Dropping it ends all processes that it has started.
struct Up {
    child: Child,
    log: PathBuf,
}

impl Up {
    fn start(checkout: &Checkout, command: &mut Command) -> Self {
        let log = checkout.top.join("up.log");
        let file = File::create(&log).unwrap();
        let child = command.stdout(file.try_clone().unwrap()).stderr(file).spawn().unwrap();
        Self { child, log }
    }

    fn said(&self) -> String {
        fs::read_to_string(&self.log).unwrap()
    }

    fn is_running(&mut self) -> bool {
        self.child.try_wait().unwrap().is_none()
    }

    /// Waits until `./dev status` reports that all services are ready, and returns its output.
    async fn ready(&mut self, checkout: &Checkout) -> String {
        eventually("everything is ready", async || {
            assert!(self.is_running(), "{}", self.said());
            let (is_ready, text) = output(&mut checkout.status());
            is_ready.then_some(text)
        })
        .await
    }

    fn signal(&self, signal: Signal) {
        kill(Pid::from_raw(i32::try_from(self.child.id()).unwrap()), signal).unwrap();
    }

    async fn ends(&mut self) -> ExitStatus {
        eventually("it ends", async || self.child.try_wait().unwrap()).await
    }
}

impl Drop for Up {
    fn drop(&mut self) {
        if self.is_running() {
            self.signal(Signal::SIGTERM);
            drop(self.child.wait());
        }
    }
}

/// Returns the word after these words.
fn word_after<'a>(words: &str, text: &'a str) -> &'a str {
    let (_, rest) = text.split_once(words).unwrap_or_else(|| panic!("`{words}` is not in: {text}"));
    rest.split_whitespace().next().unwrap().trim_end_matches('.')
}

async fn log_in(status: &str, username: &str) -> Session {
    let shop = word_after("Orderflow is up:", status).parse().unwrap();
    let password = word_after(&format!("{username}, password"), status).to_owned();
    let client = Client::new(Endpoints::gateway(&shop)).unwrap();
    client.login(&Login { username: username.to_owned(), password }).await.unwrap()
}

async fn place_an_order(customer: &Session) -> OrderId {
    let products = customer.client().all_products(ProductQuery::default()).await.unwrap();
    let product = products.iter().max_by_key(|product| product.available).unwrap();
    let order = PlaceOrder {
        items: vec![Item { product_id: product.id, quantity: 1 }],
        payment_method: "pm_card_visa".to_owned(),
        codes: Vec::new(),
        expected_total: None,
        shipping_address: None,
        note: None,
    };
    customer.place(&order).await.unwrap().id
}

async fn completes(customer: &Session, order: OrderId) {
    eventually("the order is completed", async || {
        (customer.order(order).await.unwrap().status == OrderStatus::Completed).then_some(())
    })
    .await;
}

#[tokio::test]
async fn up_ignores_foreign_settings_and_an_unusual_folder_name_and_survives_nohup() {
    let _turn = TURN.lock().await;
    let checkout = Checkout::named("it's (an) odd \"folder\"");
    let mut command = checkout.command("nohup");
    command.arg(checkout.dev()).arg("up").envs([
        ("PGSSLMODE", "verify-full"),
        ("PGOPTIONS", "-c no_such_setting=1"),
        ("PGHOST", "192.0.2.1"),
        ("ERL_FLAGS", "-sname foreign"),
        ("ERL_EPMD_PORT", "1"),
        ("RABBITMQ_NODENAME", "foreign"),
        ("HTTP_PROXY", "http://127.0.0.1:9"),
        ("ALL_PROXY", "socks5h://127.0.0.1:9"),
        ("NO_PROXY", "example.com"),
    ]);
    let mut up = Up::start(&checkout, &mut command);
    let status = up.ready(&checkout).await;
    for what in ["Staff", "API", "RabbitMQ console", "PostgreSQL", "order-service-1", ".data/up/logs"] {
        assert!(status.contains(what) && up.said().contains(what), "{what}: {status}");
    }

    let shop = word_after("Orderflow is up:", &status);
    let http = runtime::http_client::client(Duration::from_secs(10)).unwrap();
    let page = http.get(shop).send().await.unwrap().text().await.unwrap();
    assert!(page.contains("<title>Orderflow</title>"), "{page}");
    let customer = log_in(&status, "customer").await;
    completes(&customer, place_an_order(&customer).await).await;
    let said = up.said();
    assert!(!said.contains("listening"), "the services' logs are not printed: {said}");
    assert!(!fs::read_to_string(checkout.data("logs/order-service-1.log")).unwrap().is_empty());

    up.signal(Signal::SIGHUP);
    assert!(output(&mut checkout.status()).0 && up.is_running(), "{}", up.said());
    completes(&customer, place_an_order(&customer).await).await;

    up.signal(Signal::SIGTERM);
    assert!(up.ends().await.success(), "{}", up.said());
    let (is_ready, text) = output(&mut checkout.status());
    assert!(!is_ready && text.contains("Orderflow is not running"), "{text}");
}

#[tokio::test]
async fn a_copied_checkout_keeps_its_orders_and_the_changes_of_staff() {
    let _turn = TURN.lock().await;
    let mut checkout = Checkout::named("first");
    let mut command = checkout.command(checkout.dev());
    let mut up = Up::start(&checkout, command.args(["up", "--scale", "order-processor=0"]));
    let status = up.ready(&checkout).await;

    // The order's event waits in a queue without a worker.
    let order = place_an_order(&log_in(&status, "customer").await).await;
    let staff = log_in(&status, "staff").await;
    let products = staff.client().all_products(ProductQuery::default()).await.unwrap();
    let [changed, deleted] = [&products[0], &products[1]];
    let mut price = changed.price;
    price.amount_minor += 1;
    let (sku, name) = (changed.sku.clone(), changed.name.clone());
    let (description, category) = (changed.description.clone(), changed.category.clone());
    let draft = ProductDraft { sku, name, description, category, price };
    staff.update_product(changed.id, &draft).await.unwrap();
    staff.delete_product(deleted.id).await.unwrap();

    // A closed terminal causes two signals, one from the kernel and one from the shell.
    up.signal(Signal::SIGHUP);
    up.signal(Signal::SIGHUP);
    assert!(up.ends().await.success(), "{}", up.said());
    let postgres = fs::read_to_string(checkout.data("logs/postgres.log")).unwrap();
    assert!(postgres.contains("database system is shut down"), "{postgres}");
    assert_eq!(fs::read_dir(checkout.data("run")).unwrap().count(), 0, "no process runs");

    let copy = checkout.top.join("second");
    assert!(Command::new("cp").arg("-r").args([&checkout.folder, &copy]).status().unwrap().success());
    fs::remove_dir_all(&checkout.folder).unwrap();
    checkout.folder = copy;
    let mut command = checkout.command(checkout.dev());
    let mut up = Up::start(&checkout, command.arg("up").env("NUDGE_AFTER_SECONDS", "1"));
    let status = up.ready(&checkout).await;
    assert!(up.said().contains("reset: folder moved"), "{}", up.said());

    let customer = log_in(&status, "customer").await;
    completes(&customer, order).await;
    let after = customer.client().all_products(ProductQuery::default()).await.unwrap();
    assert_eq!(after.len(), products.len() - 1);
    assert!(after.iter().all(|product| product.id != deleted.id));
    assert_eq!(after.iter().find(|product| product.id == changed.id).unwrap().price, price);
}

#[test]
fn dev_finds_its_folder_through_a_link_and_ignores_cdpath() {
    let checkout = Checkout::named("checkout");
    let elsewhere = checkout.top.join("elsewhere");
    fs::create_dir_all(elsewhere.join("checkout")).unwrap();
    symlink(checkout.dev(), elsewhere.join("dev")).unwrap();

    let mut linked = checkout.command(elsewhere.join("dev"));
    let mut searched = checkout.command("checkout/dev");
    searched.current_dir(&checkout.top).env("CDPATH", &elsewhere);
    for command in [&mut linked, &mut searched] {
        let (_, text) = output(command.arg("status"));
        assert_eq!(text, "Orderflow is not running; `./dev up` starts it.\n");
    }
}

#[test]
fn libpq_variables_apply_only_to_the_server_of_postgres_url() {
    let checkout = Checkout::named("checkout");
    checkout.program("target/debug/devstack", r#"echo "${PGSSLMODE:-none}""#);
    let mut own = checkout.status();
    let mut outside = checkout.status();
    outside.env(POSTGRES_URL, "postgres://ada@db.example");
    for (command, expected) in [(&mut own, "none\n"), (&mut outside, "require\n")] {
        command.env("PGSSLMODE", "require").env("CARGO_TARGET_DIR", checkout.top.join("target"));
        assert_eq!(output(command).1, expected);
    }
}

#[test]
fn status_explains_how_to_start_if_nothing_is_built() {
    let checkout = Checkout::named("checkout");
    let (succeeded, text) = output(checkout.status().env("CARGO_TARGET_DIR", checkout.top.join("target")));
    assert!(!succeeded);
    assert_eq!(text, "dev: Orderflow is not built yet; \"./dev up\" builds and starts it\n");
}
