//! The broker's own words for an error, and what to do about it.

use lapin::{ErrorKind, protocol::AMQPError};

/// One sentence. RabbitMQ names the object, for 406 also the argument and both values.
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

/// How to replace an object that exists with other arguments. AMQP cannot change them.
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
        format!("to migrate it: {delete}; its messages go with it, and events in it are published again")
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
    fn a_queue_with_other_arguments_is_named_with_its_migration() {
        let text = "PRECONDITION_FAILED - inequivalent arg 'x-queue-type' for queue 'payment-worker' in vhost 'shop': received 'quorum' but current is 'classic'";
        let migration = "to migrate it: rabbitmqctl --vhost 'shop' delete_queue 'payment-worker'; its messages go with it, and events in it are published again";
        assert_eq!(reason(text), format!("{text}; {migration}"));
    }

    #[test]
    fn an_exchange_of_another_type_is_named_with_its_migration() {
        let text = "PRECONDITION_FAILED - inequivalent arg 'type' for exchange 'orders' in vhost '/': received 'topic' but current is 'direct'";
        assert!(reason(text).contains("delete the exchange in the management console"), "{}", reason(text));
    }

    #[test]
    fn other_refusals_are_the_brokers_own_words() {
        let text = "ACCESS_REFUSED - configure access to queue 'parking' in vhost '/' refused for user 'x'";
        assert_eq!(reason(text), text);
    }
}
