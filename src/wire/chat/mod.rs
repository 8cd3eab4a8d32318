//! Chat Completions: the request that crelay writes and the chunks that it reads.

mod alike;
mod chunk;
mod request;

pub use alike::Chunks;
pub use chunk::{
    BaseResponse, Choice, Chunk, CompletionDetails, CostDetails, Delta, DeltaContent, DeltaPart, FunctionDelta, Groq,
    PromptDetails, ToolCallDelta, Usage, chunk,
};
pub use request::{
    Assistant, Content, Function, FunctionCall, ImageUrl, Message, Part, Request, Tool, ToolCall, Tools,
};
