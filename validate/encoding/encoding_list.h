/* SPDX-License-Identifier: GPL-3.0-or-later */
/* One row an encoding: a new one is a new file validate/encoding/NAME.c and a row here. Included several times. */
X(plain)
X(rle_dictionary)
X(plain_dictionary)
X(rle)
X(delta_binary_packed)
X(delta_length_byte_array)
X(delta_byte_array)
X(byte_stream_split)
