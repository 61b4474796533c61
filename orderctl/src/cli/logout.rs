//! `orderctl logout`

use super::{context::Context, failure::Failure};
use orderctl::Error;
use serde_json::json;

pub(crate) async fn run(context: &Context) -> Result<(), Failure> {
    let saved = context.session_file.remove().await.map_err(Error::from)?;
    let username = saved.as_ref().map(|saved| saved.username.clone());
    // The session file is already deleted. If the service does not answer, its session expires later.
    if let Some(saved) = saved
        && saved.users == context.users()
        && let Some(refresh_token) = saved.tokens.refresh_token
    {
        context.client.logout(&refresh_token).await?;
    }
    let text = username
        .as_ref()
        .map_or_else(|| "You were not logged in.".to_owned(), |username| format!("Logged out {username}."));
    Ok(context.output.result(&json!({ "logged_out": username }), |_| text)?)
}
