//! `orderctl products`

use super::{
    context::Context,
    failure::Failure,
    table::{Cell, Table},
};
use clap::Args;
use common::contract::catalog::Product;
use orderctl::ProductQuery;

#[derive(Args)]
pub(crate) struct Products {
    /// Only products of this category, in upper or lower case.
    #[arg(long)]
    category: Option<String>,
    /// Only products with this text in their name or description.
    #[arg(long, value_name = "TEXT")]
    search: Option<String>,
}

impl Products {
    pub(crate) async fn run(self, context: &Context) -> Result<(), Failure> {
        let query = ProductQuery { category: self.category, text: self.search, ..ProductQuery::default() };
        let products = context.client.all_products(query).await?;
        Ok(context.output.result(&products, |products| context.output.render(&table(products)))?)
    }
}

fn table(products: &[Product]) -> Table {
    let mut table = Table::with_head(["SKU", "NAME", "CATEGORY", ">PRICE", ">AVAILABLE"]);
    for product in products {
        table.row([
            Cell::text(&product.sku),
            Cell::text(&product.name),
            Cell::text(&product.category),
            Cell::number(product.price),
            Cell::number(product.available),
        ]);
    }
    table
}
