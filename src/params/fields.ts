/** Order of the BN254 scalar field F_r: every circuit signal, Poseidon input and BabyJubJub coordinate. @see EIP-197 */
export const r = 21888242871839275222246405745257275088548364400416034343698204186575808495617n;

/** Order of the BN254 base field F_q: coordinates of Groth16 proof points. @see EIP-197 */
export const q = 21888242871839275222246405745257275088696311157297823662689037894645226208583n;

/** Prime order of the BabyJubJub subgroup: every secret scalar, key share and Shamir coefficient. @see EIP-2494 */
export const l = 2736030358979909402780800718157159386076813972158567259200215660948447373041n;

/** Cofactor of BabyJubJub: the curve has 8·l points. @see EIP-2494 */
export const COFACTOR = 8n;

/** Bit length of l: circuits write a scalar as so many bits, and a ladder's as k = 2^SCALAR_BITS + t. */
export const SCALAR_BITS = 251;
