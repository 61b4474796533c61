//! Measures quotes of discount-service. The shop has as many promotions as a shop at a busy season.

use crate::{
    extent::Extent,
    figures::{Figures, Goal},
    system::System,
    wrk::{Run, Seen},
};
use anyhow::Result;
use contract::discounts::{PromotionTerms, Reduction, Scope};

const CONNECTIONS: u32 = 64;
/// Half of them are for the whole order, the others for the category of all products.
const PROMOTIONS: u32 = 20;

pub(super) async fn measure(system: &System, extent: Extent) -> Result<Figures> {
    system.clear().await?;
    let staff = system.staff().await?;
    let mut promotions = Vec::new();
    for number in 0..PROMOTIONS {
        promotions.push(staff.create_promotion(&promotion(number)).await?.id);
    }
    let mut rounds = Vec::new();
    for _ in 0..extent.rounds {
        let run = Run { connections: CONNECTIONS, length: extent.length, keyed: false };
        rounds.push(system.quotes(run).await?);
    }
    for id in promotions {
        staff.delete_promotion(id).await?; // The orders of other parts have list prices.
    }
    let column = |of: fn(&Seen) -> f64| rounds.iter().map(of).collect::<Vec<_>>();
    let mut figures = Figures::default();
    let what = |what| format!("{what}, {PROMOTIONS} promotions, {CONNECTIONS} connections");
    figures.add(what("quotes"), "1/s", column(Seen::rate));
    figures.add(what("quote p50"), "ms", column(|seen| seen.p50));
    figures.aim(what("quote p99"), "ms", column(|seen| seen.p99), Goal::Under(10.0));
    Ok(figures)
}

fn promotion(number: u32) -> PromotionTerms {
    let scope = if number.is_multiple_of(2) {
        Scope::Order {}
    } else {
        Scope::Categories { categories: vec!["bench".to_owned()] }
    };
    PromotionTerms::new(format!("Promotion {number}"), Reduction::Percent { basis_points: 100 }, scope)
}
