//! Parsers for the values of flags. Each error is one sentence with an example.

use contract::ids::UserId;
use orderctl::Url;

/// Parses the address of a service.
pub(crate) fn http_url(text: &str) -> Result<Url, String> {
    let url = text.parse::<Url>().ok();
    url.filter(|url| matches!(url.scheme(), "http" | "https"))
        .ok_or_else(|| "the address of a service is a URL such as http://127.0.0.1:8080".to_owned())
}

/// Parses a number of at least one.
pub(crate) fn count(text: &str) -> Result<u32, String> {
    let number = text.parse().ok().filter(|number| *number > 0);
    number.ok_or_else(|| "expected a whole number of at least 1, such as 20".to_owned())
}

/// Parses a number of seconds.
pub(crate) fn seconds(text: &str) -> Result<u32, String> {
    text.parse().map_err(|_| "expected a whole number of seconds, such as 60".to_owned())
}

/// Parses the id of a customer.
pub(crate) fn user_id(text: &str) -> Result<UserId, String> {
    text.parse().map_err(|_| {
        "a customer's id looks like 01900000-0000-7000-8000-000000000001; `orderctl --json orders` shows it as \
         `user_id`"
            .to_owned()
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_service_address_is_an_http_url() {
        assert!(http_url("http://127.0.0.1:8081").is_ok());
        assert!(http_url("https://shop.example/api").is_ok());
        for bad in ["", "127.0.0.1:8081", "localhost:8081", "ws://127.0.0.1:8081", "http://"] {
            assert!(http_url(bad).unwrap_err().contains("such as http://127.0.0.1:8080"), "{bad}");
        }
    }

    #[test]
    fn an_invalid_number_or_id_shows_a_valid_one() {
        assert_eq!((count("20"), seconds("0")), (Ok(20), Ok(0)));
        for bad in ["", "0", "-1", "x", "1.5", "99999999999"] {
            assert!(count(bad).unwrap_err().contains("at least 1"), "{bad}");
        }
        assert!(seconds("x").unwrap_err().contains("seconds"));
        assert!(user_id("nope").unwrap_err().contains("looks like 01900000-"));
    }
}
