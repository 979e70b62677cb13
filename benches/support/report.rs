//! What was measured, beside what was aimed at.

use super::Server;

/// Prints a line as soon as a figure is known, and counts those that missed their aim.
#[derive(Debug, Default)]
pub struct Report {
    missed: usize,
}

impl Report {
    /// A figure without an aim.
    pub fn says(&self, what: &str, figure: &str) {
        println!("  {what:<58} {figure:>12}");
    }

    /// A figure that should be at most this much.
    pub fn at_most(&mut self, what: &str, figure: f64, aim: f64, unit: &str) {
        self.judge(what, figure, &format!("≤ {aim}"), unit, figure <= aim);
    }

    /// A figure that should be at least this much.
    pub fn at_least(&mut self, what: &str, figure: f64, aim: f64, unit: &str) {
        self.judge(what, figure, &format!("≥ {aim}"), unit, figure >= aim);
    }

    fn judge(&mut self, what: &str, figure: f64, aim: &str, unit: &str, met: bool) {
        self.missed += usize::from(!met);
        let verdict = if met { "met" } else { "MISSED" };
        let digits = if figure.abs() < 100.0 && figure.fract() != 0.0 {
            2
        } else {
            0
        };
        println!("  {what:<58} {figure:>12.digits$} {unit:<6} {aim:<10} {verdict}");
    }

    /// The most memory that the server has held until now.
    pub fn so_far(&self, server: &Server) {
        let figure = format!("{:.0} MiB", server.peak_memory());
        self.says("peak memory so far", &figure);
    }

    /// The last line.
    pub fn end(self) {
        match self.missed {
            0 => println!("every aim met"),
            missed => println!("{missed} aims missed"),
        }
    }
}
