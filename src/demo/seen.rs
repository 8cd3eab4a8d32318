//! What the demo sees of an image: its colour, if it has but one and says which.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;

/// What a PNG begins with.
const PNG: &[u8] = b"\x89PNG\r\n\x1a\n";

/// The colours that are told apart.
const COLOURS: [(&str, [u8; 3]); 8] = [
    ("black", [0, 0, 0]),
    ("white", [255, 255, 255]),
    ("red", [255, 0, 0]),
    ("green", [0, 160, 0]),
    ("blue", [0, 0, 255]),
    ("yellow", [255, 255, 0]),
    ("purple", [128, 0, 128]),
    ("grey", [128, 128, 128]),
];

/// The name of the only colour of the image at `url`, a data URL of a PNG whose palette has one entry.
pub fn colour(url: &str) -> Option<&'static str> {
    let (_, encoded) = url.strip_prefix("data:image/png;")?.split_once("base64,")?;
    let image = STANDARD.decode(encoded).ok()?;
    let [red, green, blue] = palette(image.strip_prefix(PNG)?)?;
    let near = COLOURS.into_iter().min_by_key(|(_, colour)| {
        let pairs = colour.iter().zip([red, green, blue]);
        pairs
            .map(|(one, other)| u32::from(one.abs_diff(other)).pow(2))
            .sum::<u32>()
    });
    near.map(|(name, _)| name)
}

/// The only entry of the palette among the chunks of a PNG: length, kind, content and a sum each.
fn palette(mut chunks: &[u8]) -> Option<[u8; 3]> {
    loop {
        let length = u32::from_be_bytes(chunks.get(..4)?.try_into().ok()?);
        let content = chunks.get(8..8 + usize::try_from(length).ok()?)?;
        if chunks.get(4..8)? == b"PLTE" {
            return content.try_into().ok();
        }
        chunks = chunks.get(8 + content.len() + 4..)?;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn image(palette: &[u8]) -> String {
        let mut image = PNG.to_vec();
        for (kind, content) in [(b"IHDR", &[0; 13][..]), (b"PLTE", palette), (b"IEND", &[])] {
            image.extend((content.len() as u32).to_be_bytes());
            image.extend(kind);
            image.extend(content);
            image.extend([0; 4]);
        }
        format!("data:image/png;base64,{}", STANDARD.encode(image))
    }

    #[test]
    fn an_image_of_one_colour_is_named_by_it() {
        assert_eq!(colour(&image(&[230, 20, 10])), Some("red"));
        assert_eq!(colour(&image(&[10, 20, 230])), Some("blue"));
    }

    #[test]
    fn what_has_several_colours_or_none_is_not_guessed_at() {
        let cut = image(&[230, 20, 10]);
        for unknown in [
            image(&[1, 2, 3, 4, 5, 6]),
            image(&[]),
            cut[..60].to_owned(),
            "data:image/png;base64,AAAA".to_owned(),
            "data:image/jpeg;base64,AAAA".to_owned(),
            "https://example.com/a.png".to_owned(),
        ] {
            assert_eq!(colour(&unknown), None, "{unknown}");
        }
    }
}
