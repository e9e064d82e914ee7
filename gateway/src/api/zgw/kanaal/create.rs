//! `POST /api/v1/kanaal`: registers a kanaal. 201 with its `url`, also as `Location`.

use axum::{
    extract::State,
    response::{IntoResponse, Response},
};
use http::{HeaderMap, StatusCode, header};
use model::{
    Kanaal, KanaalName,
    decide::{Command, Rejection},
};

use super::{Input, link, url, view};
use crate::{
    api::zgw::{
        body::Payload,
        fields::{Fields, json_answer},
        problem::{InvalidParam, invalid},
    },
    app::App,
    auth::Caller,
    problem::Problem,
};

/// Register a kanaal.
pub async fn create(
    State(app): State<App>,
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
    link::check(&app, input.documentatie_link.as_deref()).await?;
    let naam = input.naam.as_deref().and_then(KanaalName::new).ok_or_else(Problem::internal)?;
    let kanaal = Kanaal {
        documentatie_link: input.documentatie_link.unwrap_or_default(),
        filters: Kanaal::filterkenmerken(input.filters.unwrap_or_default()),
        owner: Some(caller.client_id.to_string()),
        ..Kanaal::new(app.random.uuid(), naam, app.clock.now())
    };
    match app.control.submit(Command::CreateKanaal(kanaal.clone())).await? {
        Ok(_) => {
            let public_url = app.public_url(&headers);
            let location = [(header::LOCATION, url(&kanaal, &public_url))];
            Ok((location, json_answer(StatusCode::CREATED, &view(&kanaal, &public_url))).into_response())
        }
        Err(Rejection::KanaalExists(_)) => {
            Err(invalid(&[InvalidParam::new("naam", "unique", "Er bestaat al een kanaal met deze naam.")]))
        }
        Err(rejection) => Err(rejection.into()),
    }
}
