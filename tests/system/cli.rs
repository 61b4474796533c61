//! `orderctl`, used by customers and staff.

use contract::{
    ids::OrderId,
    orders::OrderStatus::{Completed, PaymentFailed, Refunded},
};
use serde_json::{Value, json};
use system_tests::{CommandLine, Customer, DECLINED, Ended, PlacedOrder, Shop, unique};

async fn command_line(customer: &Customer<'_>, shop: &Shop) -> CommandLine {
    shop.command_line(&customer.user.username, customer.session()).await
}

/// Asserts that the command failed with this exit code and printed one line that contains these words.
fn fails_with(ended: &Ended, code: i32, words: &str) {
    assert_eq!((ended.code, ended.stdout.as_str()), (code, ""), "{}", ended.stderr);
    assert_eq!(ended.stderr.lines().count(), 1, "{}", ended.stderr);
    assert!(ended.stderr.contains(words), "{} does not have the words {words}", ended.stderr);
}

/// Copies an order. Its new id differs only in the first digits.
async fn twin(shop: &Shop, order: &PlacedOrder<'_>) -> OrderId {
    let id: OrderId = format!("0190{}", &order.id.to_string()[4..]).parse().unwrap();
    let copy = "insert into orders
                select (jsonb_populate_record(o, jsonb_build_object('id', $2::text))).* from orders o where id = $1";
    let orders = shop.database("order-service");
    sqlx::query(copy).bind(order.id.uuid()).bind(id.to_string()).execute(&orders).await.unwrap();
    id
}

#[tokio::test]
async fn an_order_is_found_by_the_short_id_of_tables() {
    let shop = Shop::shared().await;
    let tea = shop.sells("tea", 450, 100).await;
    let ada = shop.customer("ada").await;
    let cli = command_line(&ada, &shop).await;
    fails_with(&cli.runs(&["show", "00000000"]).await, 1, "no order ends with 00000000");
    let order = ada.places(&[(&tea, 1)]).await;
    order.reaches(Completed).await;
    let short = order.id.short();

    let listed = cli.runs(&["orders"]).await.stdout;
    assert!(listed.lines().nth(1).unwrap().starts_with(&format!("{short}  ")), "{listed}");
    let shown = cli.runs(&["show", &short.to_uppercase()]).await.stdout;
    assert!(shown.starts_with(&format!("Order    {}\n", order.id)), "{shown}");
    let watched = cli.runs(&["watch", &short]).await;
    assert_eq!(watched.code, 0, "{}", watched.stderr);
    let declined = ada.places(&[(&tea, 1)]).paying(DECLINED).await;
    declined.reaches(PaymentFailed).await;
    let paid = cli.runs(&["pay", &declined.id.short(), "--with", "pm_card_visa"]).await;
    assert_eq!(paid.code, 0, "{}", paid.stderr);
    declined.reaches(Completed).await;
    let placed = cli.runs(&["place", "--item", &tea.sku, "--pay", DECLINED, "--watch"]).await;
    let line = placed.stderr.lines().last().unwrap().to_owned();
    assert_eq!(placed.code, 5, "{line}");
    let waiting = line.split_whitespace().nth(2).unwrap();
    let cancelled = cli.runs(&["cancel", waiting]).await.stdout;
    assert_eq!(cancelled, format!("Order {waiting} is cancelled.\n"));

    let eve = command_line(&shop.customer("eve").await, &shop).await;
    fails_with(&eve.runs(&["show", &short]).await, 1, &format!("no order ends with {short}"));
    let twin = twin(&shop, &order).await;
    let several = cli.runs(&["cancel", &short]).await;
    fails_with(&several, 1, &format!("2 orders end with {short}: {} (placed", order.id));
    assert!(several.stderr.contains(&format!(" and {twin} (placed")), "{}", several.stderr);
}

#[tokio::test]
async fn staff_refund_a_completed_order_after_they_see_the_amount() {
    let shop = Shop::shared().await;
    let tea = shop.sells("tea", 450, 100).await;
    let ada = shop.customer("ada").await;
    let order = ada.places(&[(&tea, 2)]).await;
    order.reaches(Completed).await;
    let (short, cli) = (order.id.short(), command_line(&ada, &shop).await);
    let refused = cli.runs(&["refund", &short]).await;
    fails_with(
        &refused,
        1,
        &format!("order {short} is completed, and only the shop's staff can refund it now"),
    );
    let json: Value = serde_json::from_str(&cli.runs(&["--json", "refund", &short]).await.stderr).unwrap();
    assert_eq!((&json["exit_code"], &json["problem"]["status"]), (&1.into(), &409.into()));

    let staff = shop.command_line(&unique("staff"), shop.staff().await).await;
    let declined = staff.runs_on_a_terminal("xterm", &["refund", &short], "n\n").await;
    assert_eq!(declined.code, 0, "{}", declined.stdout);
    let question = format!("Refund 9.00 EUR for order {short} (completed)? [y/N]");
    assert!(declined.stdout.contains(&question), "{}", declined.stdout);
    assert!(declined.stdout.contains("Nothing was refunded."), "{}", declined.stdout);
    assert_eq!(order.now().await.status, Completed);
    let agreed = staff.runs_on_a_terminal("xterm", &["refund", &short], "y\n").await;
    assert_eq!(agreed.code, 0, "{}", agreed.stdout);
    order.reaches(Refunded).await;

    let other = ada.places(&[(&tea, 1)]).await;
    other.reaches(Completed).await;
    let refunded = staff.runs_on_a_terminal("xterm", &["refund", "--yes", &other.id.to_string()], "").await;
    assert!(!refunded.stdout.contains("[y/N]"), "{}", refunded.stdout);
    other.reaches(Refunded).await;
}

#[tokio::test]
async fn categories_and_skus_are_found_in_upper_and_lower_case() {
    let shop = Shop::shared().await;
    let category = unique("Süße Sachen");
    let tea = shop.sells_in_category(&category, "tea", 450, 100).await;
    let ada = shop.customer("ada").await;
    let cli = command_line(&ada, &shop).await;
    for name in [category.clone(), category.to_uppercase(), category.to_lowercase()] {
        let found = cli.runs(&["products", "--category", &name]).await;
        assert_eq!((found.code, found.stdout.lines().count()), (0, 2), "{}", found.stderr);
        assert!(found.stdout.contains(&tea.sku), "{}", found.stdout);
    }
    let unknown = cli.runs(&["products", "--category", &unique("Nothing")]).await;
    fails_with(&unknown, 1, "; the categories are ");
    assert!(unknown.stderr.contains(&category), "{}", unknown.stderr);
    let placed = cli.runs(&["place", "--item", &tea.sku.to_lowercase(), "--pay", "pm_card_visa"]).await;
    assert_eq!(placed.code, 0, "{}", placed.stderr);
    let placed = cli.runs(&["place", "--item", &format!("{}:2", tea.id), "--pay", "pm_card_visa"]).await;
    assert_eq!(placed.code, 0, "{}", placed.stderr);
}

#[tokio::test]
async fn an_empty_list_is_a_sentence_or_an_empty_json_list() {
    let shop = Shop::shared().await;
    let ada = shop.customer("ada").await;
    let cli = command_line(&ada, &shop).await;
    let search = unique("zzzz");
    for (arguments, sentence) in [
        (&["products", "--search", &search][..], &*format!("No products match “{search}”.")),
        (&["orders"], "There are no orders yet."),
        (&["orders", "--status", "paid"], "There are no orders with this status."),
    ] {
        assert_eq!(cli.runs(arguments).await.stdout, format!("{sentence}\n"));
        assert_eq!(cli.runs(&[&["--json"], arguments].concat()).await.stdout, "[]\n", "{arguments:?}");
    }
}

#[tokio::test]
async fn a_bad_command_line_is_explained_in_text_and_json() {
    let shop = Shop::shared().await;
    let ada = shop.customer("ada").await;
    let cli = command_line(&ada, &shop).await;
    let place = ["place", "--pay", "pm_card_visa", "--item"];
    for (arguments, words) in [
        (vec!["show", "nope"], "the name of an order is its id, such as 01900000-"),
        (vec!["cancel", "0190000-0000-7000-8000-00000000000g"], "`orderctl orders` lists your orders"),
        (vec!["orders", "--user", "nope"], "a customer's id looks like 01900000-"),
        (vec!["orders", "--limit", "many"], "expected a whole number of at least 1"),
        (vec!["reconcile", "--since", "yesterday"], "expected a date such as 2026-01-31"),
        (vec!["reconcile", "--grace", "x"], "expected a whole number of seconds"),
        (vec!["parked", "show", "m-1"], "`orderctl parked list` shows it"),
        (vec!["parked", "list", "--state", "lost"], "parked, replayed, discarded"),
        (vec!["parked", "replay"], "required arguments were not provided"),
        (vec!["logout", "--users-url", "localhost:8081"], "a URL such as http://127.0.0.1:8080"),
        ([&place[..], &["TEA-1:two"]].concat(), "the quantity of TEA-1 must be a whole number"),
        ([&place[..], &["TEA-1", "--expect", "12.99 EURO"]].concat(), "EURO is not a currency"),
        ([&place[..], &["TEA-1", "--expect", "12,99 EUR"]].concat(), "with a point and at most 2 decimals"),
    ] {
        let text = cli.runs(&arguments).await;
        assert_eq!((text.code, text.stdout.as_str()), (2, ""), "{arguments:?}");
        assert!(text.stderr.contains(words), "{}", text.stderr);
        let ended = cli.runs(&[&arguments[..], &["--json"]].concat()).await;
        assert_eq!(ended.code, 2, "{arguments:?}");
        let json: Value = serde_json::from_str(&ended.stderr).unwrap();
        assert_eq!((&json["exit_code"], &json["problem"]), (&2.into(), &Value::Null));
        let error = json["error"].as_str().unwrap();
        assert!(error.contains(words) && !error.contains('\n'), "{error}");
    }
    let help = cli.runs(&["--json", "--help"]).await;
    assert!(help.code == 0 && help.stdout.starts_with("Place orders and follow them"), "{}", help.stdout);
}

#[tokio::test]
async fn staff_handle_parked_messages() {
    let shop = Shop::start_as(|system| system.without("payment-worker").gateway()).await;
    let ada = shop.customer("ada").await;
    fails_with(&command_line(&ada, &shop).await.runs(&["parked", "list"]).await, 1, "This is for staff.");
    let cli = shop.command_line("staff", shop.staff().await).await;
    assert_eq!(cli.runs(&["parked", "list"]).await.stdout, "No messages are parked.\n");
    for (queue, id) in [("payment-worker", "m-1"), ("order-processor", "m-2"), ("gone", "m-3")] {
        let properties = json!({ "message_id": id, "headers": { "x-reason": "no answer" } });
        let exchange = if queue == "gone" { "amq.default" } else { "park" };
        let key = if queue == "gone" { "parking" } else { queue };
        shop.broker().publish(exchange, key, &properties, "{}").await.unwrap();
    }
    let parked = shop.sees_parked(3).await;
    let id_of = |name: &str| {
        parked.iter().find(|message| message.message_id.as_deref() == Some(name)).unwrap().id.to_string()
    };
    let [worker, processor, gone] = ["m-1", "m-2", "m-3"].map(id_of);

    let listed = cli.runs(&["parked", "list", "--queue", "payment-worker"]).await.stdout;
    assert!(listed.lines().nth(1).unwrap().starts_with(&worker) && listed.lines().count() == 2, "{listed}");
    let shown = cli.runs(&["parked", "show", &worker]).await.stdout;
    assert!(shown.contains("Message") && shown.contains("m-1") && shown.ends_with("{}\n"), "{shown}");
    let dry = cli.runs(&["parked", "replay", "--all", "--dry-run"]).await;
    assert!(dry.stdout.contains(&format!("{worker} would go back to payment-worker.\n")), "{}", dry.stdout);
    assert_eq!(dry.code, 1, "one message has no work queue: {}", dry.stderr);
    assert!(
        dry.stdout.contains(&format!("{gone} is still parked: its work queue is unknown.\n")),
        "{}",
        dry.stdout
    );

    let replayed = cli.runs(&["parked", "replay", &worker, "--reason", "the provider is back"]).await;
    assert_eq!(replayed.stdout, format!("{worker} is back in payment-worker.\n"), "{}", replayed.stderr);
    let again = cli.runs(&["parked", "replay", &worker]).await;
    assert_eq!((again.code, again.stdout), (1, format!("{worker} was replayed or discarded before.\n")));
    fails_with(&cli.runs(&["parked", "discard", &gone]).await, 2, "use --yes");
    let discarded = cli.runs(&["parked", "discard", &gone, &processor, "--yes"]).await;
    assert_eq!(discarded.stdout, format!("{gone} is discarded.\n{processor} is discarded.\n"));
    let audit = cli.runs(&["--json", "parked", "audit"]).await.stdout;
    let audit: Value = serde_json::from_str(&audit).unwrap();
    assert_eq!(
        (&audit[0]["outcomes"], &audit[1]["reason"]),
        (&json!({ "discarded": 2 }), &json!("the provider is back"))
    );
}

#[tokio::test]
async fn a_terminal_shows_hidden_characters_as_escapes() {
    let shop = Shop::shared().await;
    let category = unique("Hidden");
    let tea = shop.sells_in_category(&category, "tea", 450, 100).await;
    // An earlier release without the rules for names could have stored this.
    let name = "煎茶\u{202e}\u{2066}\u{200b}\u{2028}\u{1b}[2J";
    let rename = "update products set name = $2 where id = $1";
    let catalogue = shop.database("catalog-service");
    sqlx::query(rename).bind(tea.id.uuid()).bind(name).execute(&catalogue).await.unwrap();
    let ada = shop.customer("ada").await;
    let cli = command_line(&ada, &shop).await;
    let list = ["products", "--category", &category];
    let visible = r"煎茶\u{202e}\u{2066}\u{200b}\u{2028}\u{1b}[2J";

    let piped = cli.runs(&list).await.stdout;
    assert!(piped.contains(&format!("{visible}  {category}")) && piped.starts_with("SKU "), "{piped}");
    let dumb = cli.runs_on_a_terminal("dumb", &list, "").await.stdout;
    assert!(dumb.contains(visible) && !dumb.contains('\u{1b}'), "{dumb}");
    let colours = cli.runs_on_a_terminal("xterm", &list, "").await.stdout;
    assert!(colours.contains(visible) && colours.contains("\u{1b}[1mSKU\u{1b}[0m"), "{colours}");
    let json = cli.runs(&[&list[..], &["--json"]].concat()).await.stdout;
    assert!(json.contains(r"煎茶\u202e\u2066\u200b\u2028\u001b[2J"), "{json}");
    let read: Value = serde_json::from_str(&json).unwrap();
    assert_eq!(read[0]["name"], name);
}
