//! Lines over two scales that both count in powers of ten, in a picture that is legible on light and on dark pages.

use std::path::Path;

use plotters::coord::Shift;
use plotters::prelude::*;

/// Two pictures beside each other are as wide as a page.
const SIZE: (u32, u32) = (410, 500);

const COLOURS: [RGBColor; 3] = [RGBColor(110, 119, 129), RGBColor(9, 105, 218), RGBColor(188, 76, 0)];
const INK: RGBColor = RGBColor(31, 35, 40);
const MESH: RGBColor = RGBColor(225, 228, 232);

/// Room beside the lines, for what the scales say.
const LEFT: i32 = 48;
const RIGHT: i32 = 18;
const ABOVE: i32 = 36;

/// As wide as the longest name, and the piece of its line.
const NAME: i32 = 80;

type Area<'a> = DrawingArea<SVGBackend<'a>, Shift>;

/// One cost, with a line for each of whom it is.
pub struct Panel {
    title: &'static str,
    lines: Vec<Line>,
}

struct Line {
    name: &'static str,
    points: Vec<(f64, f64)>,
}

/// Writes `panels`, one below the other, into `file`.
pub fn draw(file: &Path, along: &str, panels: &[Panel]) {
    let whole = SVGBackend::new(file, SIZE).into_drawing_area();
    whole.fill(&WHITE).unwrap();
    for (area, panel) in whole.split_evenly((panels.len(), 1)).iter().zip(panels) {
        panel.name(area);
        panel.draw(area, along);
    }
    whole.present().unwrap();
}

impl Panel {
    /// Without a point so far.
    pub fn new(title: &'static str, names: &[&'static str]) -> Self {
        let line = |name: &&'static str| Line {
            name,
            points: Vec::new(),
        };
        Self {
            title,
            lines: names.iter().map(line).collect(),
        }
    }

    /// A further point of each line that has a number there.
    pub fn push(&mut self, along: f64, figures: &[f64]) {
        for (line, figure) in self.lines.iter_mut().zip(figures) {
            line.points.extend((!figure.is_nan()).then_some((along, *figure)));
        }
    }

    /// What it shows, and whose each line is.
    fn name(&self, area: &Area) {
        let font = ("sans-serif", 16).into_font();
        area.draw_text(self.title, &font.color(&INK), (10, 12)).unwrap();
        let width = i32::try_from(SIZE.0).unwrap() - RIGHT;
        for ((line, colour), place) in self.lines.iter().zip(COLOURS).rev().zip(1..) {
            let left = width - NAME * place;
            let piece = PathElement::new([(left, 19), (left + 14, 19)], colour.stroke_width(2));
            area.draw(&piece).unwrap();
            area.draw_text(line.name, &font.color(&INK), (left + 18, 12)).unwrap();
        }
    }

    fn draw(&self, area: &Area, along: &str) {
        let points = || self.lines.iter().flat_map(|line| &line.points);
        let (left, right) = ends(points().map(|point| point.0));
        let (bottom, top) = ends(points().map(|point| point.1));
        let (bottom, top) = (bottom / 1.3, top * 1.3);
        let steps: Vec<f64> = self.lines[0].points.iter().map(|point| point.0).collect();
        let font = ("sans-serif", 14).into_font().color(&INK);
        let mut chart = ChartBuilder::on(area)
            .margin_top(ABOVE)
            .margin_right(RIGHT)
            .x_label_area_size(38)
            .y_label_area_size(LEFT)
            .build_cartesian_2d(
                (left..right).log_scale().with_key_points(steps),
                (bottom..top).log_scale().with_key_points(ticks(bottom, top)),
            )
            .unwrap();
        chart
            .configure_mesh()
            .bold_line_style(MESH)
            .light_line_style(TRANSPARENT)
            .axis_style(INK.mix(0.6))
            .label_style(font)
            .x_desc(along)
            .x_label_formatter(&f64::to_string)
            .y_label_formatter(&f64::to_string)
            .draw()
            .unwrap();
        for (line, colour) in self.lines.iter().zip(COLOURS) {
            let points = line.points.iter().copied();
            chart
                .draw_series(LineSeries::new(points.clone(), colour.stroke_width(2)))
                .unwrap();
            chart
                .draw_series(points.map(|point| Circle::new(point, 3, colour.filled())))
                .unwrap();
        }
    }
}

/// The least and the most.
fn ends(figures: impl Iterator<Item = f64>) -> (f64, f64) {
    figures.fold((f64::MAX, f64::MIN), |(least, most), figure| {
        (least.min(figure), most.max(figure))
    })
}

/// Some of every power of ten between the two, as many as there is room for.
fn ticks(bottom: f64, top: f64) -> Vec<f64> {
    let digits: &[u32] = if top / bottom < 30.0 { &[1, 2, 5] } else { &[1, 3] };
    let powers = -3..=6;
    let ticks = powers.flat_map(|power| {
        digits
            .iter()
            .map(move |digit| format!("{digit}e{power}").parse().unwrap())
    });
    ticks.filter(|tick| (bottom..=top).contains(tick)).collect()
}
