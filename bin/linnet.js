#!/usr/bin/env node
// committed with its run bit, which a file that the compiler writes does not have
import '../dist/src/cli/main.js';
