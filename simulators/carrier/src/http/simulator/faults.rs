//! `GET` and `PUT /simulator/faults`: reads and sets the fault switches.

use crate::{faults::FaultSwitches, state::AppState};
use axum::{Json, extract::State};
use rest::{extract, problem::Problem};

/// Returns the current fault switches. Counts show the remaining faults.
#[utoipa::path(
    get,
    path = "/simulator/faults",
    tag = "simulator",
    responses((status = 200, description = "The switches", body = FaultSwitches)),
)]
pub(super) async fn get_faults(State(state): State<AppState>) -> Json<FaultSwitches> {
    Json(state.faults.get())
}

/// Sets all fault switches. Faults that are not listed are switched off.
#[utoipa::path(
    put,
    path = "/simulator/faults",
    tag = "simulator",
    request_body(content = FaultSwitches, example = json!({"lost_percent": 10})),
    responses(
        (status = 200, description = "The new switches", body = FaultSwitches),
        (status = 422, description = "A switch is unknown or its value is invalid", body = Problem),
    ),
)]
pub(super) async fn put_faults(
    State(state): State<AppState>,
    extract::Json(switches): extract::Json<FaultSwitches>,
) -> Json<FaultSwitches> {
    state.faults.set(switches);
    tracing::info!(?switches, "faults set");
    Json(switches)
}

#[cfg(test)]
mod tests {
    use crate::testing::Simulator;
    use serde_json::json;

    #[tokio::test]
    async fn switches_are_set_and_read() {
        let simulator = Simulator::start();
        let (status, set) = simulator.put("/simulator/faults", &json!({ "lost_percent": 10 })).await;
        assert_eq!((status, &set["lost_percent"]), (200, &json!(10)));
        assert_eq!(simulator.get("/simulator/faults").await.1, set);
        let (status, bad) = simulator.put("/simulator/faults", &json!({ "lost_percent": 101 })).await;
        assert_eq!((status, &bad["errors"][0]["pointer"]), (422, &json!("/lost_percent")));
        assert_eq!(simulator.get("/simulator/faults").await.1, set);
    }
}
