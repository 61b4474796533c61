//! One parked message with its headers and body.

use super::list::Row;
use contract::parked::ParkedMessage;
use serde_json::{Map, Value};
use sqlx::{PgPool, types::Json};
use uuid::Uuid;

/// The number of bytes of a body in an answer, unless the request asks for all of them.
const BODY_LIMIT: i32 = 64 * 1024;

/// A message. `whole` reads all of its body, otherwise only the first 64 KiB.
pub(crate) async fn find(pool: &PgPool, id: Uuid, whole: bool) -> sqlx::Result<Option<ParkedMessage>> {
    let limit = if whole { i32::MAX } else { BODY_LIMIT };
    let row = sqlx::query!(
        r#"SELECT id, message_id, queue, event_type, order_id, reason, attempt, at, parked_at, received_at,
               octet_length(body) AS "bytes!", state, headers AS "headers: Json<Map<String, Value>>",
               substring(body FOR $2) AS "body!", settled_at, audit_id
           FROM parked_messages WHERE id = $1"#,
        id,
        limit,
    )
    .fetch_optional(pool)
    .await?;
    let Some(row) = row else { return Ok(None) };
    let summary = Row {
        id: row.id,
        message_id: row.message_id,
        queue: row.queue,
        event_type: row.event_type,
        order_id: row.order_id,
        reason: row.reason,
        attempt: row.attempt,
        at: row.at,
        parked_at: row.parked_at,
        received_at: row.received_at,
        bytes: row.bytes,
        state: row.state,
    };
    Ok(Some(ParkedMessage {
        body_is_cut: row.bytes > limit,
        body: text(&row.body, row.bytes > limit),
        summary: summary.try_into()?,
        headers: row.headers.0,
        settled_at: row.settled_at,
        audit_id: row.audit_id,
    }))
}

/// The body as text. A character that was cut in two is left out.
fn text(body: &[u8], is_cut: bool) -> String {
    let whole = match std::str::from_utf8(body) {
        Err(error) if is_cut && error.error_len().is_none() => {
            body.get(..error.valid_up_to()).unwrap_or(body)
        }
        _ => body,
    };
    String::from_utf8_lossy(whole).into_owned()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::db::testing::{arrival, parks};

    #[sqlx::test]
    async fn a_large_body_is_cut_between_two_characters(pool: PgPool) {
        let mut message = arrival("m-1", "payment-worker");
        message.body = format!("x{}", "ü".repeat(40_000)).into_bytes();
        let id = parks(&pool, &message).await;
        let cut = find(&pool, id, false).await.unwrap().unwrap();
        assert_eq!((cut.body.len(), cut.body_is_cut, cut.summary.bytes), (65_535, true, 80_001));
        let whole = find(&pool, id, true).await.unwrap().unwrap();
        assert_eq!((whole.body.len(), whole.body_is_cut), (80_001, false));
        assert_eq!(whole.headers["x-reason"], "no answer");
        assert_eq!(find(&pool, Uuid::now_v7(), false).await.unwrap(), None);
    }

    #[test]
    fn bytes_that_are_not_text_are_replaced() {
        assert_eq!(text(b"a\xff", true), "a\u{fffd}");
        assert_eq!(text("aü".as_bytes().get(..2).unwrap(), true), "a");
        assert_eq!(text("aü".as_bytes().get(..2).unwrap(), false), "a\u{fffd}");
    }
}
