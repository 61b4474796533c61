//! `GET` and `PUT /simulator/faults`: reads and sets the fault switches.

use crate::{faults::FaultSwitches, state::AppState};
use axum::extract::State;
use rest::{extract, problem::Problem};

/// Returns the current fault switches. Counts show the remaining faults.
#[utoipa::path(
    get,
    path = "/simulator/faults",
    tag = "simulator",
    responses((status = 200, description = "The switches", body = FaultSwitches)),
)]
pub(super) async fn get_faults(State(state): State<AppState>) -> axum::Json<FaultSwitches> {
    axum::Json(state.faults.get())
}

/// Sets all fault switches. Faults that are not listed are switched off.
#[utoipa::path(
    put,
    path = "/simulator/faults",
    tag = "simulator",
    request_body(content = FaultSwitches, example = json!({"timeout_after_capture": 1})),
    responses(
        (status = 200, description = "The new switches", body = FaultSwitches),
        (status = 422, description = "A switch is unknown or its value is invalid", body = Problem),
    ),
)]
pub(super) async fn put_faults(
    State(state): State<AppState>,
    extract::Json(switches): extract::Json<FaultSwitches>,
) -> axum::Json<FaultSwitches> {
    state.faults.set(switches);
    tracing::info!(
        decline_percent = %switches.decline_percent,
        delay_ms = switches.delay_ms,
        timeout_after_capture = %switches.timeout_after_capture,
        error_after_capture = %switches.error_after_capture,
        unavailable_percent = %switches.unavailable_percent,
        processing = switches.processing,
        "faults set"
    );
    axum::Json(switches)
}

#[cfg(test)]
mod tests {
    use crate::testing::Simulator;
    use axum::http::Request;

    #[tokio::test]
    async fn switches_are_set_and_read() {
        let simulator = Simulator::start();
        let put = || Request::put("/simulator/faults").header("Content-Type", "application/json");
        let set = simulator.send(put(), r#"{"error_after_capture":2}"#).await;
        assert_eq!((set.status, &set.body["error_after_capture"]), (200, &2.into()));
        assert_eq!(simulator.get("/simulator/faults").await.body, set.body);

        let bad = simulator.send(put(), r#"{"decline_percent":101}"#).await;
        assert_eq!((bad.status, bad.body["errors"][0]["pointer"].as_str()), (422, Some("/decline_percent")));
        assert_eq!(simulator.get("/simulator/faults").await.body, set.body);
    }
}
