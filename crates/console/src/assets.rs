//! Style sheets, images and the scripts, each under a name with a digest of its content, so that browsers keep them for good.

use ring::digest;

use crate::Settings;

/// A file.
#[derive(Debug, Clone)]
pub struct Asset {
    /// The name in its URL.
    pub name: String,
    /// The media type.
    pub kind: &'static str,
    /// The content.
    pub bytes: Vec<u8>,
}

/// The files of a console.
#[derive(Debug, Clone)]
pub struct Assets {
    /// The built-in style sheet.
    pub css: Asset,
    /// The style sheet of the theme.
    pub theme: Option<Asset>,
    /// The logo.
    pub logo: Option<Asset>,
    /// The script of the live view.
    pub live: Asset,
    /// The script that announces the end of a session.
    pub session: Asset,
    /// The script of the buttons that copy a text.
    pub copy: Asset,
}

const CSS: &str = "text/css; charset=utf-8";
const SVG: &str = "image/svg+xml";
const SCRIPT: &str = "text/javascript; charset=utf-8";

/// The script of the live view.
const LIVE: &[u8] = include_bytes!("../assets/live.js");

/// The script of the end of a session.
const SESSION: &[u8] = include_bytes!("../assets/session.js");

/// The script of the buttons that copy a text.
const COPY: &[u8] = include_bytes!("../assets/copy.js");

impl Assets {
    pub(crate) fn new(settings: &Settings) -> Self {
        Self::of(settings.theme_css.as_deref(), settings.logo.as_deref())
    }

    /// The files with this style sheet and logo of a theme.
    pub(crate) fn of(theme_css: Option<&[u8]>, logo: Option<&[u8]>) -> Self {
        Self {
            css: asset("console", "css", CSS, include_bytes!("../assets/console.css")),
            theme: theme_css.map(|bytes| asset("theme", "css", CSS, bytes)),
            logo: logo.map(|bytes| asset("logo", "svg", SVG, bytes)),
            live: asset("live", "js", SCRIPT, LIVE),
            session: asset("session", "js", SCRIPT, SESSION),
            copy: asset("copy", "js", SCRIPT, COPY),
        }
    }

    /// The file with this name.
    pub fn find(&self, name: &str) -> Option<&Asset> {
        let scripts = [&self.live, &self.session, &self.copy];
        [Some(&self.css), self.theme.as_ref(), self.logo.as_ref()]
            .into_iter()
            .flatten()
            .chain(scripts)
            .find(|asset| asset.name == name)
    }
}

fn asset(name: &str, extension: &str, kind: &'static str, bytes: &[u8]) -> Asset {
    let digest = digest::digest(&digest::SHA256, bytes);
    let digest = secrets::hex(&digest.as_ref()[..8]);
    Asset { name: format!("{name}-{digest}.{extension}"), kind, bytes: bytes.to_vec() }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_scripts_are_small_and_make_no_code_or_markup_of_text() {
        let scripts = [LIVE, SESSION, COPY].concat();
        assert!(scripts.len() <= 10 << 10, "{} bytes", scripts.len());
        let text = str::from_utf8(&scripts).unwrap().to_owned();
        for forbidden in
            ["eval(", "Function(", "innerHTML", "outerHTML", "insertAdjacentHTML", "document.write", "import("]
        {
            assert!(!text.contains(forbidden), "{forbidden}");
        }
    }
}
