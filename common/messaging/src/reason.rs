//! The broker's description of an error, with advice for the operator.

use lapin::{ErrorKind, protocol::AMQPError};

/// Describes an error in one sentence. RabbitMQ names the object, and for 406 also the argument and both
/// values.
pub(super) fn of(error: &lapin::Error) -> String {
    match error.kind() {
        ErrorKind::ProtocolError(error) => of_broker(error),
        _ => error.to_string(),
    }
}

fn of_broker(error: &AMQPError) -> String {
    let text = error.get_message().as_str();
    match migration(text) {
        Some(advice) => format!("{text}; {advice}"),
        None => text.to_owned(),
    }
}

/// Advice on how to replace an object that exists with other arguments. AMQP cannot change arguments.
fn migration(text: &str) -> Option<String> {
    if !text.contains("inequivalent arg") {
        return None;
    }
    let (_, object) = text.split_once(" for ")?;
    let (kind, rest) = object.split_once(" '")?;
    let (name, rest) = rest.split_once("' in vhost '")?;
    let (vhost, _) = rest.split_once("': ")?;
    Some(if kind == "queue" {
        let delete = format!("rabbitmqctl --vhost '{vhost}' delete_queue '{name}'");
        format!(
            "to migrate it: {delete}; this deletes its messages, but events among them are published again"
        )
    } else {
        format!(
            "to migrate it, delete the {kind} in the management console; it is declared again within seconds"
        )
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use lapin::protocol::AMQPSoftError;

    fn reason(text: &str) -> String {
        of(&ErrorKind::ProtocolError(AMQPError::new(AMQPSoftError::PRECONDITIONFAILED.into(), text.into()))
            .into())
    }

    #[test]
    fn the_error_for_a_queue_with_other_arguments_says_how_to_migrate_it() {
        let text = "PRECONDITION_FAILED - inequivalent arg 'x-queue-type' for queue 'payment-worker' in vhost 'shop': received 'quorum' but current is 'classic'";
        let migration = "to migrate it: rabbitmqctl --vhost 'shop' delete_queue 'payment-worker'; this deletes its messages, but events among them are published again";
        assert_eq!(reason(text), format!("{text}; {migration}"));
    }

    #[test]
    fn the_error_for_an_exchange_of_another_type_says_how_to_migrate_it() {
        let text = "PRECONDITION_FAILED - inequivalent arg 'type' for exchange 'orders' in vhost '/': received 'topic' but current is 'direct'";
        assert!(reason(text).contains("delete the exchange in the management console"), "{}", reason(text));
    }

    #[test]
    fn other_errors_keep_the_brokers_text() {
        let text = "ACCESS_REFUSED - configure access to queue 'parking' in vhost '/' refused for user 'x'";
        assert_eq!(reason(text), text);
    }
}
