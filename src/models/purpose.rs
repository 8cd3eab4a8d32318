//! What a model is for, guessed from its name, where nobody says it: OpenAI's form of a list has names alone.

/// Words of names that models have which answer otherwise than in words: with vectors, ranks, verdicts, images, sounds.
const OTHERWISE: [&str; 45] = [
    "asr",
    "audio",
    "bge",
    "clip",
    "cogvideox",
    "cogview",
    "cosyvoice",
    "dall",
    "deplot",
    "embed",
    "embedding",
    "embeddings",
    "flux",
    "gte",
    "guard",
    "image",
    "imagen",
    "images",
    "imagine",
    "kolors",
    "livetranslate",
    "lyria",
    "moderation",
    "music",
    "nvclip",
    "ocr",
    "orpheus",
    "paraformer",
    "realtime",
    "rerank",
    "reranker",
    "reward",
    "sdxl",
    "sora",
    "speech",
    "stt",
    "transcribe",
    "translate",
    "tts",
    "veo",
    "video",
    "voice",
    "voxtral",
    "wan",
    "whisper",
];

/// Whether a model of this name answers in words, for all that its name says.
#[must_use]
pub fn converses(id: &str) -> bool {
    let lower = id.to_ascii_lowercase();
    let mut words = lower.split(|character: char| !character.is_ascii_alphabetic());
    words.all(|word| OTHERWISE.binary_search(&word).is_err())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_words_stand_in_their_order() {
        assert!(OTHERWISE.is_sorted());
    }

    #[test]
    fn a_model_that_answers_otherwise_is_told_by_its_name() {
        for id in [
            "text-embedding-3-large",
            "whisper-large-v3-turbo",
            "gpt-image-2",
            "BAAI/bge-reranker-v2-m3",
            "black-forest-labs/FLUX.2-dev",
            "qwen3-asr-flash",
            "wan2.6-t2v",
            "meta-llama/Llama-Guard-4-12B",
            "mistral-ocr-latest",
            "gemini-4-flash-preview-tts",
            "dall-e-3",
            "sora-2-pro",
            "grok-imagine-1.0",
            "doubao-seedance-1-0-lite-video",
        ] {
            assert!(!converses(id), "{id}");
        }
        for id in [
            "deepseek-v4-pro",
            "openai/gpt-oss-120b",
            "qwen3-vl-plus",
            "kimi-k3.1-pro",
            "accounts/fireworks/models/glm-5p3",
            "mistral-large-4",
            "MiniMax-M3",
            "swan-7b",
            "doubao-seed-2-1-pro-260628",
        ] {
            assert!(converses(id), "{id}");
        }
    }
}
