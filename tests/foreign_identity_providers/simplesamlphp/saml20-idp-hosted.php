<?php
$options = json_decode(file_get_contents(__DIR__ . '/../options.json'), true);
$metadata['__DYNAMIC:1__'] = $options + [
    'host' => '__DEFAULT__',
    'auth' => 'people',
    'privatekey' => 'key.pem',
    'certificate' => 'certificate.pem',
    'authproc' => [
        1 => [
            'class' => 'saml:AttributeNameID',
            'attribute' => 'mail',
            'Format' => 'urn:oasis:names:tc:SAML:1.1:nameid-format:emailAddress',
        ],
    ],
];
