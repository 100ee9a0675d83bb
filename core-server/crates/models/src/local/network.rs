//! The network: a transformer of the Llama kind, read from a GGUF file.
//!
//! The weights are stored with four bits and expanded to `f32` at load: candle has no fast path for
//! this kind of quantisation, and expanded it is ten times as fast (24 instead of 2.5 tokens/s).

use std::{fs::File, io::BufReader, path::Path};

use candle_core::{DType, Device, Result, Tensor, quantized::gguf_file::Content};
use candle_nn::{ops, rotary_emb::rope_i};

/// Tokens that the network looks back on. More would fit its training, but not a person's patience:
/// two cores read about 200 tokens a second.
pub(super) const WINDOW: usize = 2048;

struct Layer {
    attention_norm: Tensor,
    query: Tensor,
    key: Tensor,
    value: Tensor,
    output: Tensor,
    feed_norm: Tensor,
    gate: Tensor,
    up: Tensor,
    down: Tensor,
    keys: Tensor,
    values: Tensor,
}

/// The loaded weights and what was computed of the present conversation.
pub(super) struct Network {
    embedding: Tensor,
    layers: Vec<Layer>,
    norm: Tensor,
    cos: Tensor,
    sin: Tensor,
    heads: usize,
    kv_heads: usize,
    head_width: usize,
    epsilon: f32,
}

/// Reads a file's header.
pub(super) fn open(path: &Path) -> Result<(Content, BufReader<File>)> {
    let mut reader = BufReader::new(File::open(path)?);
    Ok((Content::read(&mut reader)?, reader))
}

impl Network {
    /// Loads the weights: about a second and 0.7 GB.
    pub(super) fn load(content: &Content, reader: &mut BufReader<File>) -> Result<Self> {
        let device = Device::Cpu;
        let number = |name: &str| -> Result<usize> {
            let value = content.metadata.get(&format!("llama.{name}"));
            let value = value.ok_or_else(|| candle_core::Error::Msg(format!("the file has no llama.{name}")))?;
            Ok(value.to_u32()? as usize)
        };
        let fraction =
            |name: &str| content.metadata.get(&format!("llama.{name}")).and_then(|value| value.to_f32().ok());
        let (heads, kv_heads) = (number("attention.head_count")?, number("attention.head_count_kv")?);
        let head_width = number("embedding_length")? / heads;
        let mut tensor = |name: &str| content.tensor(reader, name, &device)?.dequantize(&device);
        let embedding = tensor("token_embd.weight")?;
        let norm = tensor("output_norm.weight")?;
        let mut layers = Vec::new();
        for place in 0..number("block_count")? {
            let mut part = |name: &str| tensor(&format!("blk.{place}.{name}.weight"));
            let cache = || Tensor::zeros((1, kv_heads, WINDOW, head_width), DType::F32, &device);
            layers.push(Layer {
                attention_norm: part("attn_norm")?,
                query: part("attn_q")?,
                key: part("attn_k")?,
                value: part("attn_v")?,
                output: part("attn_output")?,
                feed_norm: part("ffn_norm")?,
                gate: part("ffn_gate")?,
                up: part("ffn_up")?,
                down: part("ffn_down")?,
                keys: cache()?,
                values: cache()?,
            });
        }
        let base = fraction("rope.freq_base").unwrap_or(10_000.0);
        let (cos, sin) = rotations(base, head_width, &device)?;
        let epsilon = fraction("attention.layer_norm_rms_epsilon").unwrap_or(1e-5);
        Ok(Self { embedding, layers, norm, cos, sin, heads, kv_heads, head_width, epsilon })
    }

    /// Reads `tokens`, which follow the first `seen` of the conversation, and returns how likely each
    /// token of the vocabulary comes next. What was computed behind `seen` is overwritten.
    pub(super) fn forward(&mut self, tokens: &[u32], seen: usize) -> Result<Vec<f32>> {
        let count = tokens.len();
        let ids = Tensor::new(tokens, &Device::Cpu)?;
        let mut state = self.embedding.index_select(&ids, 0)?;
        let (cos, sin) = (self.cos.narrow(0, seen, count)?, self.sin.narrow(0, seen, count)?);
        let mask = if count > 1 { Some(causal_mask(count, seen)?) } else { None };
        let shape = Shape { heads: self.heads, kv_heads: self.kv_heads, width: self.head_width, epsilon: self.epsilon };
        for layer in &self.layers {
            state = layer.forward(&state, seen, (&cos, &sin), mask.as_ref(), &shape)?;
        }
        let last = state.narrow(0, count - 1, 1)?.contiguous()?;
        let last = ops::rms_norm(&last, &self.norm, self.epsilon)?;
        last.matmul(&self.embedding.t()?)?.squeeze(0)?.to_vec1()
    }
}

struct Shape {
    heads: usize,
    kv_heads: usize,
    width: usize,
    epsilon: f32,
}

impl Layer {
    fn forward(
        &self,
        state: &Tensor,
        seen: usize,
        (cos, sin): (&Tensor, &Tensor),
        mask: Option<&Tensor>,
        shape: &Shape,
    ) -> Result<Tensor> {
        let count = state.dim(0)?;
        let input = ops::rms_norm(state, &self.attention_norm, shape.epsilon)?;
        let split = |weights: &Tensor, heads: usize| -> Result<Tensor> {
            input.matmul(&weights.t()?)?.reshape((1, count, heads, shape.width))?.transpose(1, 2)?.contiguous()
        };
        let query = rope_i(&split(&self.query, shape.heads)?, cos, sin)?;
        let key = rope_i(&split(&self.key, shape.kv_heads)?, cos, sin)?;
        self.keys.slice_set(&key, 2, seen)?;
        self.values.slice_set(&split(&self.value, shape.kv_heads)?, 2, seen)?;

        let total = seen + count;
        let keys = self.keys.squeeze(0)?.narrow(1, 0, total)?;
        let values = self.values.squeeze(0)?.narrow(1, 0, total)?;
        // The heads that share a key are stacked below each other, so that no key is copied.
        let group = shape.heads / shape.kv_heads;
        let query = query.reshape((shape.kv_heads, group * count, shape.width))?;
        #[expect(clippy::cast_precision_loss, reason = "a small number")]
        let scale = 1.0 / (shape.width as f64).sqrt();
        let mut scores = (query.matmul(&keys.t()?)? * scale)?;
        if let Some(mask) = mask {
            let spread = scores.reshape((shape.kv_heads, group, count, total))?;
            scores = spread.broadcast_add(mask)?.reshape((shape.kv_heads, group * count, total))?;
        }
        let mixed = ops::softmax_last_dim(&scores)?.matmul(&values.contiguous()?)?;
        let mixed = mixed.reshape((shape.heads, count, shape.width))?.transpose(0, 1)?;
        let state = (state + mixed.reshape((count, shape.heads * shape.width))?.matmul(&self.output.t()?)?)?;

        let input = ops::rms_norm(&state, &self.feed_norm, shape.epsilon)?;
        let gate = ops::silu(&input.matmul(&self.gate.t()?)?)?;
        let fed = (gate * input.matmul(&self.up.t()?)?)?.matmul(&self.down.t()?)?;
        state + fed
    }
}

/// Cosines and sines of the rotary position encoding for the whole window.
fn rotations(base: f32, width: usize, device: &Device) -> Result<(Tensor, Tensor)> {
    #[expect(clippy::cast_precision_loss, reason = "small numbers")]
    let speeds: Vec<f32> = (0..width).step_by(2).map(|place| base.powf(-(place as f32) / width as f32)).collect();
    let half = speeds.len();
    let positions = Tensor::arange(0_u32, u32::try_from(WINDOW).unwrap_or(u32::MAX), device)?.to_dtype(DType::F32)?;
    let angles = positions.reshape((WINDOW, 1))?.matmul(&Tensor::from_vec(speeds, (1, half), device)?)?;
    Ok((angles.cos()?, angles.sin()?))
}

/// Keeps each token from looking at later ones.
fn causal_mask(count: usize, seen: usize) -> Result<Tensor> {
    let total = seen + count;
    let cells = (0..count)
        .flat_map(|row| (0..total).map(move |column| if column > seen + row { f32::NEG_INFINITY } else { 0.0 }));
    Tensor::from_vec(cells.collect::<Vec<f32>>(), (1, 1, count, total), &Device::Cpu)
}
