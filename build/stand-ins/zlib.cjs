'use strict';
// node:zlib takes 4 ms to load, and a pass has no use for it.
exports.crc32 = (data, value) => require('node:zlib').crc32(data, value);
