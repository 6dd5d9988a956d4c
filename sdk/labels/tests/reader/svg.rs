//! Draws the SVGs of this crate: modules as they are, texts as the boxes that they fill.

use super::Picture;
use std::str::FromStr;

/// A rectangle in modules.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Rectangle {
    pub x: usize,
    pub y: usize,
    pub width: usize,
    pub height: usize,
}

impl Rectangle {
    pub fn overlaps(self, other: Self) -> bool {
        self.x < other.x + other.width
            && other.x < self.x + self.width
            && self.y < other.y + other.height
            && other.y < self.y + self.height
    }

    pub fn is_within(self, width: usize, height: usize) -> bool {
        self.x + self.width <= width && self.y + self.height <= height
    }
}

/// What stands in an SVG.
pub struct Svg {
    pub width: usize,
    pub height: usize,
    pub dark: Vec<Rectangle>,
    /// The texts and their boxes: as wide as they are said to be, as high as their letters above and below the line.
    pub texts: Vec<(String, Rectangle)>,
}

impl Svg {
    pub fn parse(svg: &str) -> Self {
        let numbers: Vec<usize> = attribute(svg, "viewBox").split(' ').map(number).collect();
        let [0, 0, width, height] = numbers[..] else { panic!("the view box begins elsewhere: {numbers:?}") };
        assert!(svg.contains(&format!("<rect width=\"{width}\" height=\"{height}\" fill=\"#fff\"/>")), "no ground");
        let dark = attribute(svg, "d").split_terminator('z').map(rectangle).collect();
        let texts = svg.split("<text ").skip(1).map(text).collect();
        Self { width, height, dark, texts }
    }

    /// The modules, each of so many pixels.
    pub fn drawn(&self, pixels: usize) -> Picture {
        let mut picture = Picture::white(self.width * pixels, self.height * pixels);
        for Rectangle { x, y, width, height } in &self.dark {
            picture.blacken(x * pixels, y * pixels, width * pixels, height * pixels);
        }
        picture
    }
}

/// `M1 2h3v4h-3`
fn rectangle(path: &str) -> Rectangle {
    let (x, rest) = path.strip_prefix('M').unwrap().split_once(' ').unwrap();
    let (y, rest) = rest.split_once('h').unwrap();
    let (width, rest) = rest.split_once('v').unwrap();
    let (height, back) = rest.split_once("h-").unwrap();
    assert_eq!(width, back, "the path does not close a rectangle");
    Rectangle { x: number(x), y: number(y), width: number(width), height: number(height) }
}

fn text(element: &str) -> (String, Rectangle) {
    let (tag, rest) = element.split_once('>').unwrap();
    let content = rest.split_once("</text>").unwrap().0;
    let [x, foot, size, width] = ["x", "y", "font-size", "textLength"].map(|name| number(attribute(tag, name)));
    // Letters such as g reach a fifth of their size below the line.
    (unescaped(content), Rectangle { x, y: foot - size, width, height: size + size / 5 })
}

fn attribute<'a>(tag: &'a str, name: &str) -> &'a str {
    let start = format!("{name}=\"");
    let at = tag.match_indices(&start).find(|(at, _)| *at == 0 || tag.as_bytes()[at - 1] == b' ').unwrap().0;
    tag[at + start.len()..].split('"').next().unwrap()
}

fn number(text: &str) -> usize {
    usize::from_str(text).unwrap_or_else(|_| panic!("no whole number: {text}"))
}

fn unescaped(text: &str) -> String {
    assert!(!text.contains(['<', '>', '"', '\'']), "markup in a text: {text}");
    let pairs = [("&lt;", "<"), ("&gt;", ">"), ("&quot;", "\""), ("&#39;", "'"), ("&amp;", "&")];
    pairs.iter().fold(text.to_owned(), |text, (escape, character)| text.replace(escape, character))
}
