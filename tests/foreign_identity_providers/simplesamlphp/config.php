<?php
// An identity provider of one test, behind a proxy that speaks https.
$directory = getenv('SIMPLESAMLPHP_CONFIG_DIR');
$config = [
    'baseurlpath' => getenv('IDP_URL') . '/simplesaml/',
    'certdir' => "$directory/",
    'datadir' => "$directory/",
    'tempdir' => "$directory/tmp",
    'loggingdir' => "$directory/",
    'logging.handler' => 'errorlog',
    'metadatadir' => "$directory/metadata/",
    'metadata.sources' => [
        ['type' => 'flatfile'],
        ['type' => 'xml', 'file' => "$directory/service_provider.xml"],
    ],
    'secretsalt' => 'of a test',
    'auth.adminpassword' => 'of a test, and never asked for',
    'technicalcontact_email' => 'nobody@example.jp',
    'timezone' => 'Asia/Tokyo',
    'enable.saml20-idp' => true,
    'module.enable' => ['core' => true, 'saml' => true, 'exampleauth' => true],
    'store.type' => 'phpsession',
    'session.cookie.secure' => true,
    'session.phpsession.savepath' => "$directory/sessions",
    'language.default' => 'en',
    'theme.use' => 'default',
];
