//! How long it takes to read one event of about 1 KiB in each form.

use std::hint::black_box;

use bytes::Bytes;
use criterion::{Criterion, criterion_group, criterion_main};
use model::{
    event::{AcceptedEvent, PublishedAs},
    profile::{Profile, check},
};
use translator::{
    Limits, Strictness,
    cloudevents::{binary, structured},
    notificatie, record,
};

fn body() -> Bytes {
    let data = format!("{{\"zaak\":\"{}\",\"bedrag\":1.10}}", "x".repeat(480));
    format!(
        concat!(
            "{{\"specversion\":\"1.0\",\"id\":\"f3dce042-cd6e-4977-844d-05be8dce7cea\",",
            "\"source\":\"urn:nld:oin:00000001823288444000:systeem:BRP-component\",",
            "\"type\":\"nl.overheid.zaken.zaakstatus-gewijzigd\",\"time\":\"2021-12-10T17:31:00Z\",",
            "\"subject\":\"721c9\",\"dataref\":\"https://gemeentex.nl/api/persoon/721c9\",",
            "\"nlbrpnationaliteit\":\"0083\",\"geheimnummer\":null,\"sequence\":\"1234\",",
            "\"sequencetype\":\"Integer\",\"datacontenttype\":\"application/json\",\"data\":{}}}"
        ),
        data
    )
    .into()
}

fn notification() -> Bytes {
    let body = concat!(
        "{\"kanaal\":\"zaken\",\"hoofdObject\":\"https://zaken.nl/api/v1/zaken/d7a22\",\"resource\":\"status\",",
        "\"resourceUrl\":\"https://zaken.nl/api/v1/statussen/721c9\",\"actie\":\"create\",",
        "\"aanmaakdatum\":\"2025-01-01T12:00:00.123456Z\",\"kenmerken\":{\"bronorganisatie\":\"082096752011\",",
        "\"zaaktype\":\"https://zaken.nl/ztc/5aa5c\",\"vertrouwelijkheidaanduiding\":\"openbaar\"}}"
    );
    Bytes::from_static(body.as_bytes())
}

fn reading(c: &mut Criterion) {
    let limits = Limits::default();
    let body = body();
    let event = structured::decode(&body, Strictness::Lenient, &limits).expect("a valid event");
    c.bench_function(&format!("structured decode, {} B", body.len()), |b| {
        b.iter(|| structured::decode(black_box(&body), Strictness::Lenient, &limits));
    });
    c.bench_function("structured decode and profile", |b| {
        b.iter(|| {
            structured::decode(black_box(&body), Strictness::Lenient, &limits)
                .map(|event| check(&event, Profile::NlGov).len())
        });
    });
    c.bench_function("structured encode", |b| b.iter(|| structured::encode(black_box(&event))));

    let message = binary::encode(&event).expect("an event with JSON data");
    let mut headers: Vec<(&str, &[u8])> =
        message.headers.iter().map(|(name, value)| (name.as_str(), value.as_bytes())).collect();
    headers.push(("content-type", message.content_type.as_bytes()));
    c.bench_function("binary decode", |b| {
        b.iter(|| {
            let headers = black_box(&headers).iter().copied();
            binary::decode(headers, message.body.clone(), Strictness::Lenient, &limits)
        });
    });
    c.bench_function("binary decode and profile", |b| {
        b.iter(|| {
            let headers = black_box(&headers).iter().copied();
            binary::decode(headers, message.body.clone(), Strictness::Lenient, &limits)
                .map(|event| check(&event, Profile::NlGov).len())
        });
    });
    c.bench_function("binary encode", |b| b.iter(|| binary::encode(black_box(&event))));

    let accepted = AcceptedEvent {
        event,
        published_as: PublishedAs::CloudEvent,
        received: None,
        publisher: Some("open-zaak".into()),
    };
    let parts = record::encode(&accepted);
    c.bench_function("record encode", |b| b.iter(|| record::encode(black_box(&accepted))));
    c.bench_function("record decode", |b| {
        b.iter(|| record::decode(black_box(&parts.headers), parts.value.as_ref()));
    });

    let notification = notification();
    c.bench_function("notificatie decode", |b| b.iter(|| notificatie::decode(black_box(&notification), &limits)));
}

criterion_group!(benches, reading);
criterion_main!(benches);
