//! `orderctl products`

use super::{
    context::Context,
    failure::Failure,
    table::{Cell, Table},
    text::Text,
};
use clap::Args;
use contract::{catalog::Product, folding::folded};
use orderctl::{Client, ProductQuery};

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
        let categories = match &self.category {
            Some(category) => named(&context.client, category).await?.into_iter().map(Some).collect(),
            None => vec![None],
        };
        let mut products = Vec::new();
        for category in categories {
            let query = ProductQuery { category, text: self.search.clone(), ..ProductQuery::default() };
            products.extend(context.client.all_products(query).await?);
        }
        let text = |products: &Vec<Product>| {
            if products.is_empty() { self.nothing().into() } else { Text::from(table(products)) }
        };
        Ok(context.output.result(&products, text)?)
    }

    fn nothing(&self) -> String {
        match (&self.search, &self.category) {
            (Some(search), Some(category)) => format!("No products of {category} match “{search}”."),
            (Some(search), None) => format!("No products match “{search}”."),
            (None, Some(category)) => format!("There are no products of {category}."),
            (None, None) => "The catalogue is empty.".to_owned(),
        }
    }
}

/// Finds the categories with this name, in upper or lower case.
async fn named(client: &Client, name: &str) -> Result<Vec<String>, Failure> {
    let is_named = |category: &String| folded(category) == folded(name.trim());
    let (found, others): (Vec<_>, Vec<_>) = client.categories().await?.into_iter().partition(is_named);
    if found.is_empty() {
        return Err(Failure::UnknownCategory { name: name.to_owned(), categories: others });
    }
    Ok(found)
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_empty_list_prints_a_sentence() {
        let asked = |category: Option<&str>, search: Option<&str>| {
            Products { category: category.map(str::to_owned), search: search.map(str::to_owned) }.nothing()
        };
        assert_eq!(asked(None, Some("zzzz")), "No products match “zzzz”.");
        assert_eq!(asked(Some("Tea"), Some("zzzz")), "No products of Tea match “zzzz”.");
        assert_eq!(asked(None, None), "The catalogue is empty.");
    }
}
