"""Writes a trained body as a Hugging Face checkpoint in bf16:

    python3 tools/tiny-model/export.py RUN [--family llada-moe|llada2] OUT

RUN is the folder that train.py has written. OUT gets config.json, generation_config.json, model.safetensors and the tokenizer's files.
"""

import argparse
import json
import os
import shutil
import struct

import torch

from model import BLOCK, Shape

TOKENS = {"eos_token_id": 0, "pad_token_id": 0, "mask_token_id": 1}


def config_of(family, shape):
    shared = {
        "torch_dtype": "bfloat16",
        "vocab_size": shape.vocabulary,
        "hidden_size": shape.hidden,
        "num_hidden_layers": shape.layers,
        "num_attention_heads": shape.heads,
        "num_key_value_heads": shape.heads,
        "num_experts": shape.experts,
        "num_experts_per_tok": shape.chosen,
        "rope_theta": shape.theta,
        "partial_rotary_factor": 1.0,
        "rms_norm_eps": shape.epsilon,
        "max_position_embeddings": shape.context,
        "hidden_act": "silu",
        "tie_word_embeddings": False,
        "moe_router_enable_expert_bias": False,
        **TOKENS,
    }
    if family == "llada-moe":
        return {
            "architectures": ["LLaDAMoEModelLM"],
            "model_type": "lladamoe",
            "expert_intermediate_size": shape.intermediate,
            "moe_layer_freq": [1] * shape.layers,
            "norm_topk_prob": None,
            "qk_layernorm": True,
            "attention_bias": False,
            **shared,
        }
    return {
        "architectures": ["LLaDA2MoeModelLM"],
        "model_type": "llada2_moe",
        "moe_intermediate_size": shape.intermediate,
        "intermediate_size": shape.intermediate,
        "first_k_dense_replace": 0,
        "n_group": 1,
        "topk_group": 1,
        "num_shared_experts": 0,
        "routed_scaling_factor": 1.0,
        "score_function": "sigmoid",
        "norm_topk_prob": True,
        "use_qk_norm": True,
        "use_qkv_bias": False,
        "use_rmsnorm": True,
        "block_length": BLOCK,
        **shared,
    }


def llada_moe_tensors(state):
    return {name if name.startswith("lm_head") else f"model.{name}": value for name, value in state.items()}


def llada2_tensors(state, layers):
    tensors = {}
    for name, value in state.items():
        if any(f".{part}_proj" in name and "self_attn" in name for part in "qkv"):
            continue
        renamed = (
            name.replace("embed_tokens", "word_embeddings")
            .replace("self_attn.o_proj", "attention.dense")
            .replace("self_attn.q_norm", "attention.query_layernorm")
            .replace("self_attn.k_norm", "attention.key_layernorm")
        )
        tensors[renamed if renamed.startswith("lm_head") else f"model.{renamed}"] = value
    for layer in range(layers):
        parts = [state[f"layers.{layer}.self_attn.{part}_proj.weight"] for part in "qkv"]
        tensors[f"model.layers.{layer}.attention.query_key_value.weight"] = torch.cat(parts)
    return tensors


def write_safetensors(path, tensors):
    header, parts, offset = {"__metadata__": {"format": "pt"}}, [], 0
    for name in sorted(tensors):
        value = tensors[name].to(torch.bfloat16).contiguous()
        data = value.view(torch.int16).numpy().tobytes()
        header[name] = {"dtype": "BF16", "shape": list(value.shape), "data_offsets": [offset, offset + len(data)]}
        parts.append(data)
        offset += len(data)
    text = json.dumps(header, separators=(",", ":")).encode()
    text += b" " * (-len(text) % 8)
    with open(path, "wb") as file:
        file.write(struct.pack("<Q", len(text)))
        file.write(text)
        file.writelines(parts)


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("run")
    parser.add_argument("out")
    parser.add_argument("--family", default="llada-moe", choices=["llada-moe", "llada2"])
    options = parser.parse_args()
    saved = torch.load(os.path.join(options.run, f"{options.family}.pt"))
    state = saved["average"]
    shape = Shape(state["embed_tokens.weight"].shape[0])
    os.makedirs(options.out, exist_ok=True)
    tensors = (
        llada_moe_tensors(state) if options.family == "llada-moe" else llada2_tensors(state, shape.layers)
    )
    write_safetensors(os.path.join(options.out, "model.safetensors"), tensors)
    block = {"block_length": BLOCK} if options.family == "llada2" else {}
    for name, content in [
        ("config.json", config_of(options.family, shape)),
        ("generation_config.json", {**TOKENS, **block}),
    ]:
        with open(os.path.join(options.out, name), "w", encoding="utf-8") as file:
            json.dump(content, file, indent=1)
            file.write("\n")
    for name in ["tokenizer.json", "tokenizer_config.json"]:
        shutil.copy(os.path.join(options.run, name), options.out)
    print(f"step {saved['step']}, {os.path.getsize(os.path.join(options.out, 'model.safetensors')):,} bytes")


if __name__ == "__main__":
    main()
