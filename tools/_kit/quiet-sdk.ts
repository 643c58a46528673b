/** Node 20 is supported here; the SDK announces 2027 with every command. Read when a client is made. */
process.env['AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED'] ??= 'true';
