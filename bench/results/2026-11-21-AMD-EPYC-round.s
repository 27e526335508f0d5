# One Philox round of four vectors of four quads: the inner loop of KeepBits.fill, as C2 of JDK 25.0.3
# compiles it for AVX2. 67 instructions, of which 40 multiply, shift or exclusive-or vectors; the others
# move vectors to and from the stack, because 16 registers are too few, and broadcast the round's keys.
# From java -XX:+UnlockDiagnosticVMOptions -XX:-TieredCompilation
# -XX:CompileCommand=print,io.github.jdropout.backend.vector.KeepBits::fill, disassembled with objdump.
180: vmovdqu ymm4,ymm7
184: vmovdqu ymm7,ymm1
188: vmovdqu ymm2,ymm12
18d: vmovdqu ymm3,ymm13
192: vmovdqu ymm1,ymm14
197: vpsllq ymm12,ymm0,0x20
19c: vpxor  ymm0,ymm0,ymm2
1a0: vpbroadcastq ymm2,QWORD PTR [rbx+r8*8+0x18]
1a7: vpbroadcastq ymm15,QWORD PTR [rbx+r8*8+0x10]
1ae: vpxor  ymm0,ymm15,ymm0
1b2: vpsrlq ymm0,ymm0,0x20
1b7: vmovdqu ymm13,YMMWORD PTR [rsp+0x100]
1c0: vpmuludq ymm13,ymm13,ymm0
1c4: vpxor  ymm0,ymm9,ymm6
1c8: vpxor  ymm0,ymm2,ymm0
1cc: vpsrlq ymm0,ymm0,0x20
1d1: vmovdqu ymm6,YMMWORD PTR [rsp+0xe0]
1da: vpmuludq ymm14,ymm6,ymm0
1de: vpsllq ymm6,ymm9,0x20
1e4: vpxor  ymm0,ymm1,ymm8
1e9: vpxor  ymm0,ymm15,ymm0
1ed: vpsrlq ymm0,ymm0,0x20
1f2: vmovdqu ymm8,YMMWORD PTR [rsp+0x100]
1fb: vpmuludq ymm9,ymm8,ymm0
1ff: vpsllq ymm8,ymm1,0x20
204: vmovdqu ymm0,YMMWORD PTR [rsp+0x140]
20d: vpxor  ymm0,ymm11,ymm0
211: vpxor  ymm0,ymm2,ymm0
215: vpsrlq ymm0,ymm0,0x20
21a: vmovdqu ymm1,YMMWORD PTR [rsp+0xe0]
223: vpmuludq ymm1,ymm1,ymm0
227: vpsllq ymm0,ymm11,0x20
22d: vmovdqu YMMWORD PTR [rsp+0x140],ymm0
236: vpxor  ymm0,ymm7,ymm10
23b: vpxor  ymm0,ymm15,ymm0
23f: vpsrlq ymm0,ymm0,0x20
244: vmovdqu ymm10,YMMWORD PTR [rsp+0x100]
24d: vpmuludq ymm11,ymm10,ymm0
251: vpsllq ymm10,ymm7,0x20
256: vmovdqu ymm0,YMMWORD PTR [rsp+0xa0]
25f: vmovdqu ymm7,YMMWORD PTR [rsp+0x120]
268: vpxor  ymm0,ymm0,ymm7
26c: vpxor  ymm0,ymm2,ymm0
270: vpsrlq ymm0,ymm0,0x20
275: vmovdqu ymm7,YMMWORD PTR [rsp+0xe0]
27e: vpmuludq ymm7,ymm7,ymm0
282: vmovdqu ymm0,YMMWORD PTR [rsp+0xa0]
28b: vpsllq ymm0,ymm0,0x20
290: vmovdqu YMMWORD PTR [rsp+0x120],ymm0
299: vmovdqu ymm0,YMMWORD PTR [rsp+0x80]
2a2: vpxor  ymm0,ymm4,ymm0
2a6: vpxor  ymm0,ymm15,ymm0
2aa: vpsrlq ymm0,ymm0,0x20
2af: vmovdqu ymm15,YMMWORD PTR [rsp+0x100]
2b8: vpmuludq ymm0,ymm15,ymm0
2bc: vmovdqu YMMWORD PTR [rsp+0xa0],ymm0
2c5: vpsllq ymm0,ymm4,0x20
2ca: vmovdqu YMMWORD PTR [rsp+0x80],ymm0
2d3: vpxor  ymm0,ymm3,ymm5
2d7: vpxor  ymm0,ymm2,ymm0
2db: vpsrlq ymm0,ymm0,0x20
2e0: vmovdqu ymm2,YMMWORD PTR [rsp+0xe0]
2e9: vpmuludq ymm0,ymm2,ymm0
2ed: vpsllq ymm5,ymm3,0x20
2f2: add    r8d,0x2
2f6: cmp    r8d,0x12
2fa: jl     0x180
