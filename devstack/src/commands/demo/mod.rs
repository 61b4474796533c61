//! `./dev demo`: a customer places five orders on a fresh system, and the demo follows them to their end.

mod customer;

use std::process::ExitCode;
use std::time::{Duration, Instant};

use anyhow::{Context as _, Result, ensure};
use contract::catalog::Product;
use contract::orders::OrderStatus::{Cancelled, Completed, New, Paid, PaymentFailed, Rejected, Reserved};
use contract::orders::{Address, RejectReason};
use contract::push::StatusFrame;
use orderctl::{Client, ProductQuery};

use super::system::{Lifetime, System};
use crate::instance::Instance;
use crate::progress::say;
use crate::shutdown::Shutdown;
use crate::stack::{Builder, Stack};
use customer::Customer;

const GOOD_CARD: &str = "pm_card_visa";
/// A code of `promotions.json`: 10 % off one order of each customer.
const CODE: &str = "WELCOME";
const DECLINED_CARD: &str = "pm_card_chargeDeclined";
/// The deadline for order-processor to release the stock of a cancelled order.
const RELEASE_DEADLINE: Duration = Duration::from_secs(30);

pub(crate) async fn run(shutdown: &Shutdown) -> Result<ExitCode> {
    let begun = Instant::now();
    let instance = Instance::take_empty("demo")?;
    let system = shutdown.unless(System::start(&instance, builder(), Lifetime::Passing)).await?;
    let played = shutdown.unless(Box::pin(play(&system))).await;
    let stopped = system.shut_down().await;
    played.and(stopped)?;
    say!(
        "\nThe demo succeeded in {:.0} s. It checked that all statuses of orders came over the WebSocket in this\n\
         order, with versions that rise by one. A declined card keeps the stock for another payment. An order\n\
         for too many pieces is rejected. A cancelled order releases its stock. A parcel goes to its recipient.\n\n\
         Next: `./dev up` keeps the system running and prints the addresses. `./dev help` lists all commands.",
        begun.elapsed().as_secs_f64()
    );
    Ok(ExitCode::SUCCESS)
}

/// A fast carrier, so that the parcel arrives within a second.
fn builder() -> Builder {
    Stack::builder().env("carrier-simulator", "SIMULATOR_STEP_MS", "300")
}

async fn play(system: &System) -> Result<()> {
    let client = system.stack.client(1)?;
    let products = client.all_products(ProductQuery::default()).await?;
    let in_stock = || products.iter().filter(|product| product.available > 0);
    let plenty = in_stock().max_by_key(|product| product.available).context("the catalogue is empty")?;
    let scarce = in_stock().min_by_key(|product| product.available).context("the catalogue is empty")?;
    let mut ada = Customer::register(&client, "ada").await?;

    complete(&mut ada, plenty).await?;
    pay_again(&mut ada, plenty).await?;
    order_too_much(&mut ada, scarce).await?;
    cancel(&mut ada, &client, plenty).await
}

async fn complete(ada: &mut Customer, product: &Product) -> Result<()> {
    say!("\n1. An order with a discount is paid, completed and delivered");
    let order = ada.order_to(Some(address()), &[CODE], product, 2, GOOD_CARD).await?;
    ada.sees(order, &[New, Reserved, Paid, Completed]).await?;
    let order = ada.shows(order).await?;
    let list = 2 * product.price.amount_minor;
    let paid = order.total.context("the order has no total")?.amount_minor;
    ensure!(paid == list - list / 10, "{paid} was paid instead of 10 % less than {list}");
    ada.receives(order.id).await?;
    say!("   The code is for one order of each customer");
    let again = ada.order_with(&[CODE], product, 1, GOOD_CARD).await?;
    let rejected = ada.sees(again, &[New, Rejected]).await?;
    expect_reason(&rejected, RejectReason::DiscountUnavailable)
}

fn address() -> Address {
    Address {
        name: "Ada Lovelace".to_owned(),
        street: "12 St James's Square".to_owned(),
        city: "London".to_owned(),
        postal_code: "SW1Y 4JH".to_owned(),
        country: "GB".to_owned(),
    }
}

async fn pay_again(ada: &mut Customer, product: &Product) -> Result<()> {
    say!("\n2. A card is declined, and another card pays");
    let order = ada.order(product, 1, DECLINED_CARD).await?;
    ada.sees(order, &[New, Reserved, PaymentFailed]).await?;
    ada.pays(order, GOOD_CARD).await?;
    ada.sees(order, &[Reserved, Paid, Completed]).await.map(drop)
}

async fn order_too_much(ada: &mut Customer, product: &Product) -> Result<()> {
    say!("\n3. An order for too many pieces is rejected");
    let too_many = u32::try_from(product.available + 1).context("stock")?;
    let order = ada.order(product, too_many, GOOD_CARD).await?;
    let rejected = ada.sees(order, &[New, Rejected]).await?;
    expect_reason(&rejected, RejectReason::OutOfStock)
}

fn expect_reason(rejected: &StatusFrame, expected: RejectReason) -> Result<()> {
    let (reason, expected) = (rejected.reason.as_deref().unwrap_or_default(), expected.as_str());
    ensure!(reason == expected, "the order was rejected with `{reason}`, not `{expected}`");
    Ok(())
}

async fn cancel(ada: &mut Customer, client: &Client, product: &Product) -> Result<()> {
    say!("\n4. An order is cancelled and its stock is released");
    let available = async || anyhow::Ok(client.product(product.id).await?.available);
    let before = available().await?;
    say!("   {} of {} are available", before, product.name);
    let order = ada.order(product, 5, DECLINED_CARD).await?;
    ada.sees(order, &[New, Reserved, PaymentFailed]).await?;
    let held = available().await?;
    say!("   {held} are available while the order waits for another card");
    ensure!(held == before - 5, "the order holds {} instead of 5", before - held);
    ada.cancels(order).await?;
    ada.sees(order, &[Cancelled]).await?;
    let released = async {
        while available().await? != before {
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
        anyhow::Ok(())
    };
    tokio::time::timeout(RELEASE_DEADLINE, released).await.context("the stock was not released")??;
    say!("   {before} are available again");
    Ok(())
}
