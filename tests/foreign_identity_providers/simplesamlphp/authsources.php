<?php
$people = json_decode(file_get_contents(__DIR__ . '/people.json'), true);
$config = ['people' => array_merge(['exampleauth:UserPass'], $people)];
