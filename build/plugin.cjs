#!/usr/bin/env node
'use strict';
// kubectl runs the file of this name; the program sees by it how it was called.
require('./ecr-cred-helper.cjs');
