//! Reads JSON as its schema describes it, with errors for people.
//!
//! serde's derived code takes an array for a struct, with the fields by position, and refuses `1.0` for an
//! integer. JSON Schema says the opposite of both. This module follows JSON Schema, because the API documents
//! do.

use serde::de::{
    DeserializeOwned, DeserializeSeed, Deserializer, EnumAccess, MapAccess, SeqAccess, VariantAccess, Visitor,
};
use serde_path_to_error::{Path, Segment};
use std::fmt;

/// Why a text is not the value that is expected.
#[derive(Debug, PartialEq, Eq, thiserror::Error)]
pub enum JsonError {
    /// It is not JSON.
    #[error("not valid JSON: {0}")]
    Syntax(String),
    /// It is JSON of another form.
    #[error("`{pointer}`: {detail}")]
    Form {
        /// RFC 6901 pointer to the place; empty for the whole value.
        pointer: String,
        /// The expected value, and the one that was found.
        detail: String,
    },
}

/// Reads an object. Structs inside it are read from objects only; a number without a fraction is an integer.
pub fn read_object<T: DeserializeOwned>(json: &[u8]) -> Result<T, JsonError> {
    // Checked here, because an enum with a tag inside has no struct at its root.
    if json.trim_ascii_start().first() == Some(&b'[') {
        let detail = "expected an object, not an array".to_owned();
        return Err(JsonError::Form { pointer: String::new(), detail });
    }
    let mut reader = serde_json::Deserializer::from_slice(json);
    let value = serde_path_to_error::deserialize(Schema(&mut reader)).map_err(|error| {
        let inner = error.inner();
        if inner.is_data() {
            let detail = sentence(&inner.to_string());
            JsonError::Form { pointer: pointer(error.path(), &detail), detail }
        } else {
            JsonError::Syntax(inner.to_string())
        }
    })?;
    reader.end().map_err(|error| JsonError::Syntax(error.to_string()))?;
    Ok(value)
}

/// Returns the JSON pointer of the error (RFC 6901). For a missing field, the path ends at the object around
/// it. Only serde's message has the field's name.
fn pointer(path: &Path, detail: &str) -> String {
    let missing = detail.strip_prefix("missing field `").and_then(|rest| rest.strip_suffix('`'));
    path.iter()
        .filter_map(|segment| match segment {
            Segment::Seq { index } => Some(format!("/{index}")),
            Segment::Map { key } => Some(format!("/{}", key.replace('~', "~0").replace('/', "~1"))),
            Segment::Enum { .. } | Segment::Unknown => None,
        })
        .chain(missing.map(|field| format!("/{field}")))
        .collect()
}

/// serde's message in words that do not need knowledge of Rust.
pub(super) fn sentence(message: &str) -> String {
    // The pointer replaces the line number.
    let message = message.rsplit_once(" at line ").map_or(message, |(message, _)| message);
    let mismatch = ["invalid type: ", "invalid value: ", "unknown variant "]
        .into_iter()
        .find_map(|kind| message.strip_prefix(kind)?.split_once(", expected "));
    if let Some((found, expected)) = mismatch {
        return format!("expected {}, not {}", expected_in_words(expected), found_in_words(found));
    }
    match message {
        _ if message.starts_with("UUID parsing failed") => "expected an id (a UUID)".to_owned(),
        "invalid digit found in string" | "cannot parse integer from empty string" => {
            "expected a whole number".to_owned()
        }
        "number too large to fit in target type" => "this number is too large".to_owned(),
        "number too small to fit in target type" => "this number is too small".to_owned(),
        other => other.to_owned(),
    }
}

fn expected_in_words(expected: &str) -> &str {
    match expected {
        "u8" => "a whole number from 0 to 255",
        "u16" => "a whole number from 0 to 65535",
        "u32" => "a whole number from 0 to 4294967295",
        "u64" | "usize" => "a whole number from 0",
        "i8" | "i16" | "i32" | "i64" | "isize" => "a whole number",
        "f32" | "f64" => "a number",
        "a boolean" => "true or false",
        "a sequence" => "an array",
        "variant identifier" | "string or map" => "a string",
        _ if expected.contains("UUID") => "an id (a UUID)",
        _ if ["struct ", "internally tagged enum ", "a map", "map"]
            .iter()
            .any(|kind| expected.starts_with(kind)) =>
        {
            "an object"
        }
        other => other,
    }
}

fn found_in_words(found: &str) -> String {
    /// Longer values are cut. The caller has the full value.
    const MAX_CHARS: usize = 60;
    let value = match found {
        "sequence" => "an array",
        "map" => "an object",
        _ => ["string ", "integer ", "floating point ", "boolean "]
            .into_iter()
            .find_map(|kind| found.strip_prefix(kind))
            .map_or(found, |value| value.trim_matches('`')),
    };
    match value.char_indices().nth(MAX_CHARS) {
        Some((end, _)) => format!("{}…", value.get(..end).unwrap_or_default()),
        None => value.to_owned(),
    }
}

/// Wraps serde's deserializers, visitors and accessors, so that nested values follow the same rules.
struct Schema<T>(T);

/// Reads a number without a fraction as an integer.
struct Integer<V>(V);

macro_rules! forward {
    ($($method:ident($($argument:ident: $type:ty),*);)*) => {
        $(fn $method<V: Visitor<'de>>(self, $($argument: $type,)* visitor: V) -> Result<V::Value, D::Error> {
            self.0.$method($($argument,)* Schema(visitor))
        })*
    };
}

macro_rules! forward_integers {
    ($($method:ident)*) => {
        $(fn $method<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, D::Error> {
            self.0.$method(Integer(visitor))
        })*
    };
}

impl<'de, D: Deserializer<'de>> Deserializer<'de> for Schema<D> {
    type Error = D::Error;

    fn deserialize_struct<V: Visitor<'de>>(
        self,
        _name: &'static str,
        _fields: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, D::Error> {
        // serde_json reads a struct from an array as well, but a map from an object only.
        self.0.deserialize_map(Schema(visitor))
    }

    forward_integers! {
        deserialize_i8 deserialize_i16 deserialize_i32 deserialize_i64
        deserialize_u8 deserialize_u16 deserialize_u32 deserialize_u64
    }

    forward! {
        deserialize_any();
        deserialize_bool();
        deserialize_f32();
        deserialize_f64();
        deserialize_char();
        deserialize_str();
        deserialize_string();
        deserialize_bytes();
        deserialize_byte_buf();
        deserialize_option();
        deserialize_unit();
        deserialize_unit_struct(name: &'static str);
        deserialize_newtype_struct(name: &'static str);
        deserialize_seq();
        deserialize_tuple(len: usize);
        deserialize_tuple_struct(name: &'static str, len: usize);
        deserialize_map();
        deserialize_enum(name: &'static str, variants: &'static [&'static str]);
        deserialize_identifier();
        deserialize_ignored_any();
    }

    fn is_human_readable(&self) -> bool {
        self.0.is_human_readable()
    }
}

macro_rules! forward_visits {
    ($($method:ident($type:ty);)*) => {
        $(fn $method<E: serde::de::Error>(self, value: $type) -> Result<V::Value, E> {
            self.0.$method(value)
        })*
    };
}

impl<'de, V: Visitor<'de>> Visitor<'de> for Schema<V> {
    type Value = V::Value;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.expecting(f)
    }

    forward_visits! {
        visit_bool(bool);
        visit_i64(i64);
        visit_u64(u64);
        visit_f64(f64);
        visit_str(&str);
        visit_borrowed_str(&'de str);
        visit_string(String);
        visit_bytes(&[u8]);
        visit_borrowed_bytes(&'de [u8]);
        visit_byte_buf(Vec<u8>);
    }

    fn visit_none<E: serde::de::Error>(self) -> Result<V::Value, E> {
        self.0.visit_none()
    }

    fn visit_unit<E: serde::de::Error>(self) -> Result<V::Value, E> {
        self.0.visit_unit()
    }

    fn visit_some<D: Deserializer<'de>>(self, deserializer: D) -> Result<V::Value, D::Error> {
        self.0.visit_some(Schema(deserializer))
    }

    fn visit_newtype_struct<D: Deserializer<'de>>(self, deserializer: D) -> Result<V::Value, D::Error> {
        self.0.visit_newtype_struct(Schema(deserializer))
    }

    fn visit_seq<A: SeqAccess<'de>>(self, access: A) -> Result<V::Value, A::Error> {
        self.0.visit_seq(Schema(access))
    }

    fn visit_map<A: MapAccess<'de>>(self, access: A) -> Result<V::Value, A::Error> {
        self.0.visit_map(Schema(access))
    }

    fn visit_enum<A: EnumAccess<'de>>(self, access: A) -> Result<V::Value, A::Error> {
        self.0.visit_enum(Schema(access))
    }
}

impl<'de, V: Visitor<'de>> Visitor<'de> for Integer<V> {
    type Value = V::Value;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.expecting(f)
    }

    forward_visits! {
        visit_i64(i64);
        visit_u64(u64);
    }

    fn visit_f64<E: serde::de::Error>(self, value: f64) -> Result<V::Value, E> {
        /// Integers up to here are exact as a double (2^53).
        const MAX_EXACT: f64 = 9_007_199_254_740_992.0;
        if value.fract() == 0.0 && value.abs() <= MAX_EXACT {
            #[expect(clippy::cast_possible_truncation, reason = "it has no fraction and is in range")]
            self.0.visit_i64(value as i64)
        } else {
            self.0.visit_f64(value)
        }
    }
}

impl<'de, S: DeserializeSeed<'de>> DeserializeSeed<'de> for Schema<S> {
    type Value = S::Value;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<S::Value, D::Error> {
        self.0.deserialize(Schema(deserializer))
    }
}

impl<'de, A: SeqAccess<'de>> SeqAccess<'de> for Schema<A> {
    type Error = A::Error;

    fn next_element_seed<S: DeserializeSeed<'de>>(&mut self, seed: S) -> Result<Option<S::Value>, A::Error> {
        self.0.next_element_seed(Schema(seed))
    }

    fn size_hint(&self) -> Option<usize> {
        self.0.size_hint()
    }
}

impl<'de, A: MapAccess<'de>> MapAccess<'de> for Schema<A> {
    type Error = A::Error;

    fn next_key_seed<S: DeserializeSeed<'de>>(&mut self, seed: S) -> Result<Option<S::Value>, A::Error> {
        self.0.next_key_seed(Schema(seed))
    }

    fn next_value_seed<S: DeserializeSeed<'de>>(&mut self, seed: S) -> Result<S::Value, A::Error> {
        self.0.next_value_seed(Schema(seed))
    }

    fn size_hint(&self) -> Option<usize> {
        self.0.size_hint()
    }
}

impl<'de, A: EnumAccess<'de>> EnumAccess<'de> for Schema<A> {
    type Error = A::Error;
    type Variant = Schema<A::Variant>;

    fn variant_seed<S: DeserializeSeed<'de>>(self, seed: S) -> Result<(S::Value, Self::Variant), A::Error> {
        let (value, variant) = self.0.variant_seed(Schema(seed))?;
        Ok((value, Schema(variant)))
    }
}

impl<'de, A: VariantAccess<'de>> VariantAccess<'de> for Schema<A> {
    type Error = A::Error;

    fn unit_variant(self) -> Result<(), A::Error> {
        self.0.unit_variant()
    }

    fn newtype_variant_seed<S: DeserializeSeed<'de>>(self, seed: S) -> Result<S::Value, A::Error> {
        self.0.newtype_variant_seed(Schema(seed))
    }

    fn tuple_variant<V: Visitor<'de>>(self, len: usize, visitor: V) -> Result<V::Value, A::Error> {
        self.0.tuple_variant(len, Schema(visitor))
    }

    fn struct_variant<V: Visitor<'de>>(
        self,
        fields: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, A::Error> {
        self.0.struct_variant(fields, Schema(visitor))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use contract::{
        catalog::{ProductDraft, StockCount},
        orders::PlaceOrder,
        push::ClientFrame,
    };

    const ID: &str = "01900000-0000-7000-8000-000000000004";

    fn refusal<T: DeserializeOwned + fmt::Debug>(json: &str) -> (String, String) {
        match read_object::<T>(json.as_bytes()) {
            Err(JsonError::Form { pointer, detail }) => (pointer, detail),
            other => panic!("{json}: {other:?}"),
        }
    }

    #[test]
    fn an_array_is_not_read_as_an_object() {
        let expected = |pointer: &str| (pointer.to_owned(), "expected an object, not an array".to_owned());
        assert_eq!(refusal::<StockCount>("[1000000]"), expected(""));
        assert_eq!(refusal::<PlaceOrder>(&format!(r#" [[["{ID}",1]],"pm_card_visa"]"#)), expected(""));
        assert_eq!(refusal::<ClientFrame>(r#"["authenticate",{"token":"a"}]"#), expected(""));
        let nested = format!(r#"{{"items":[["{ID}",1]],"payment_method":"pm_card_visa"}}"#);
        assert_eq!(refusal::<PlaceOrder>(&nested), expected("/items/0"));
        let price = r#"{"sku":"a","name":"a","category":"a","price":[100,"EUR"]}"#;
        assert_eq!(refusal::<ProductDraft>(price), expected("/price"));
        let optional = format!(
            r#"{{"items":[{{"product_id":"{ID}","quantity":1}}],"payment_method":"a","expected_total":[1,"EUR"]}}"#
        );
        assert_eq!(refusal::<PlaceOrder>(&optional), expected("/expected_total"));
    }

    #[test]
    fn a_number_without_a_fraction_is_an_integer() {
        for number in ["3", "3.0", "3e0", "0.3e1"] {
            let count: StockCount = read_object(format!(r#"{{"on_hand":{number}}}"#).as_bytes()).unwrap();
            assert_eq!(count.on_hand, 3, "{number}");
        }
        for (number, detail) in [
            ("3.5", "expected a whole number, not 3.5"),
            ("1e300", "expected a whole number, not 1e+300"),
            ("\"3\"", "expected a whole number, not \"3\""),
        ] {
            let refused = refusal::<StockCount>(&format!(r#"{{"on_hand":{number}}}"#));
            assert_eq!(refused, ("/on_hand".to_owned(), detail.to_owned()));
        }
    }

    #[test]
    fn an_error_names_its_place_in_plain_words() {
        let item = |product: &str, quantity: &str| {
            format!(r#"{{"items":[{{"product_id":{product},"quantity":{quantity}}}],"payment_method":"x"}}"#)
        };
        let id = format!("\"{ID}\"");
        for (json, pointer, detail) in [
            (item(&id, "-1"), "/items/0/quantity", "expected a whole number from 0 to 4294967295, not -1"),
            (
                item(&id, "null"),
                "/items/0/quantity",
                "expected a whole number from 0 to 4294967295, not null",
            ),
            (item("\"nope\"", "1"), "/items/0/product_id", "expected an id (a UUID)"),
            (item("{}", "1"), "/items/0/product_id", "expected an id (a UUID), not an object"),
            ("3".to_owned(), "", "expected an object, not 3"),
            (r#"{"items":{},"payment_method":"x"}"#.to_owned(), "/items", "expected an array, not an object"),
            (r#"{"items":[]}"#.to_owned(), "/payment_method", "missing field `payment_method`"),
        ] {
            assert_eq!(refusal::<PlaceOrder>(&json), (pointer.to_owned(), detail.to_owned()), "{json}");
        }
    }
}
