//! Tables for the terminal and the same figures as JSON. Contains no measurement.

use std::path::Path;

use serde_json::{Map, Value};

use crate::workspace::Failure;

/// One table: texts for people, and per row the figures behind them.
pub struct Table {
    pub name: &'static str,
    title: String,
    columns: Vec<&'static str>,
    rows: Vec<Vec<String>>,
    figures: Vec<Value>,
    notes: Vec<String>,
}

impl Table {
    pub fn new(name: &'static str, title: impl Into<String>, columns: &[&'static str]) -> Self {
        Self {
            name,
            title: title.into(),
            columns: columns.to_vec(),
            rows: Vec::new(),
            figures: Vec::new(),
            notes: Vec::new(),
        }
    }

    pub fn row(&mut self, texts: Vec<String>, figures: Value) {
        self.rows.push(texts);
        self.figures.push(figures);
    }

    pub fn title(&self) -> &str {
        &self.title
    }

    /// The figures of all rows.
    pub fn figures(&self) -> &[Value] {
        &self.figures
    }

    /// Adds a line below the table; a note that is there already is not repeated.
    pub fn note(&mut self, text: impl Into<String>) {
        let text = text.into();
        if !self.notes.contains(&text) {
            self.notes.push(text);
        }
    }

    pub fn print(&self) {
        let width = |column: usize| {
            let texts = self.rows.iter().filter_map(|row| row.get(column)).map(|text| text.chars().count());
            texts.chain([self.columns[column].chars().count()]).max().unwrap_or(0)
        };
        let widths: Vec<usize> = (0..self.columns.len()).map(width).collect();
        let line = |texts: &mut dyn Iterator<Item = &str>| {
            let mut line = String::new();
            for (column, text) in texts.enumerate() {
                let fill = " ".repeat(widths[column].saturating_sub(text.chars().count()));
                // Names on the left, figures on the right.
                let cell = if column < 2 { [text, fill.as_str(), "  "] } else { [fill.as_str(), text, "  "] };
                line.extend(cell);
            }
            println!("{}", line.trim_end());
        };
        println!("\n## {}\n", self.title);
        line(&mut self.columns.iter().copied());
        for row in &self.rows {
            line(&mut row.iter().map(String::as_str));
        }
        for note in &self.notes {
            println!("({note})");
        }
    }
}

/// Writes the figures of all tables to a file.
pub fn write(file: &Path, quick: bool, kafka: bool, tables: &[Table]) -> Result<(), Failure> {
    let mut all = Map::new();
    all.insert("quick".to_owned(), Value::Bool(quick));
    all.insert("home".to_owned(), if kafka { "kafka" } else { "embedded" }.into());
    for table in tables {
        all.insert(table.name.to_owned(), Value::Array(table.figures.clone()));
        if !table.notes.is_empty() {
            all.insert(format!("{} notes", table.name), table.notes.clone().into());
        }
    }
    let text = serde_json::to_string_pretty(&all).map_err(|error| error.to_string())?;
    std::fs::write(file, text + "\n").map_err(|error| format!("{}: {error}", file.display()))
}
