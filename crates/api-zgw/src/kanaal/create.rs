//! `POST /api/v1/kanaal`: registers a kanaal. 201 with its `url`, also as `Location`.

use axum::{
    extract::State,
    response::{IntoResponse, Response},
};
use http::{HeaderMap, StatusCode, header};
use management::{
    Error,
    kanalen::{Filters, KanaalRequest},
};
use model::{KanaalName, decide::Rejection};
use web::{auth::Caller, problem::Problem};

use super::{Input, documentation::check_documentation, url, view};
use crate::{
    Api,
    body::Payload,
    fields::{Fields, json_answer},
    problem::{InvalidParam, invalid, of_management},
};

/// Register a kanaal.
pub async fn create(
    State(api): State<Api>,
    caller: Caller,
    headers: HeaderMap,
    Payload(body): Payload,
) -> Result<Response, Problem> {
    let mut fields = Fields::read(&headers, &body)?;
    let mentioned = fields.has("naam");
    let input = Input::read(&mut fields);
    if !mentioned {
        fields.required("naam");
    }
    fields.finish()?;
    check_documentation(&api, input.documentatie_link.as_deref()).await?;
    let naam = input.naam.as_deref().and_then(KanaalName::new).ok_or_else(Problem::internal)?;
    let request = KanaalRequest {
        naam: Some(naam),
        documentatie_link: input.documentatie_link.unwrap_or_default(),
        filters: Filters::Names(input.filters.unwrap_or_default()),
        ..KanaalRequest::default()
    };
    match api.management.create_kanaal(&caller.actor(), request).await {
        Ok(kanaal) => {
            let public_url = api.public_url(&headers);
            let location = [(header::LOCATION, url(&kanaal, &public_url))];
            Ok((location, json_answer(StatusCode::CREATED, &view(&kanaal, &public_url))).into_response())
        }
        Err(Error::Rejected(Rejection::KanaalExists(_))) => {
            Err(invalid(&[InvalidParam::new("naam", "unique", "Er bestaat al een kanaal met deze naam.")]))
        }
        Err(error) => Err(of_management(error)),
    }
}
