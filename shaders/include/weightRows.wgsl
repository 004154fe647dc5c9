/// Where a tile's rows of the weight begin, and the first row that does not belong to it; with `gated` those of the up rows, too.
struct WeightRows { first: u32, limit: u32, up_first: u32, up_limit: u32 }
